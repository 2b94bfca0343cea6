"""Whom tokens in Entra's words are about: names that differ by application, and those that do not."""

import hmac

from sekisho.model.user import User
from sekisho.spec.jose import encode
from sekisho.tenant import Tenant


def pairwise(tenant: Tenant, user: str, application: str) -> str:
    """The `sub` of a person (their GUID) for one application (OpenID Connect Core 1.0 section 8.1)."""
    text = f"pairwise\n{tenant.id}\n{user}\n{application}"
    return encode(hmac.digest(tenant.tools.sealer.mac_key, text.encode(), "sha256")).decode()


def address(user: User) -> str:
    """The mail address of a person who showed that it is theirs: many take it for who somebody is.

    No claim of Entra's says whether an address was verified, so one that was not is left out.
    """
    return user.email if user.claims.get("email_verified") is True else ""


def principal_name(user: User) -> str:
    """The name that a person signs in with (`upn`), of no weight in decisions."""
    return user.username or user.email or user.user_id
