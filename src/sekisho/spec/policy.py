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
