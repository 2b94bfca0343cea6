"""What the documents leave open, decided per tenant."""

import msgspec


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's choices; every default is the safe one."""

    grant_types: tuple[str, ...] = ("client_credentials",)
    access_token_lifetime: int = 86_400
    default_audience: str = ""
    friendly_name: str = ""
    picture_url: str = ""
    support_email: str = ""
    support_url: str = ""
    languages: tuple[str, ...] = ("en", "ja")
    # How long an event of the audit is kept; 0 keeps it for ever.
    audit_days: int = 30
    # Calls of the management API for each token: so many a second, so many at once.
    management_rate: float = 100
    management_burst: int = 1_000
    # Requests to each of token, introspection and revocation endpoint, for each client that is claimed and
    # for each address: so many a second, so many at once; 0 switches a limit off.
    token_client_rate: float = 50
    token_client_burst: int = 500
    token_address_rate: float = 50
    token_address_burst: int = 500
