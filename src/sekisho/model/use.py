"""That a client was used, and when."""

from typing import NamedTuple

# Who was not used for so long is not asked about any more.
FORGET_AFTER = 800 * 86_400.0


class Use(NamedTuple):
    """A client was used."""

    tenant: str
    client_id: str
    at: float
