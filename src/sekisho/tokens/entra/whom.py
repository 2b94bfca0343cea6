"""Under which names clients keep what they got about a person (`client_info`)."""

import msgspec

from sekisho.spec.jose import encode
from sekisho.tenant import Tenant


def mint(user: str, tenant: Tenant) -> str:
    """The GUIDs of person and tenant."""
    return encode(msgspec.json.encode({"uid": user, "utid": tenant.id})).decode()
