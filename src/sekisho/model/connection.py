"""Where people come from, and who vouches for them."""

from collections.abc import Mapping
from typing import Literal

from sekisho.model.record import Record

DATABASE = "Username-Password-Authentication"


class Connection(Record, frozen=True, kw_only=True):
    """A source of users; each tenant has the database one from the start."""

    name: str = DATABASE
    strategy: str = "auth0"
    options: Mapping[str, object] = {}
    enabled_clients: tuple[str, ...] = ()


class TrustedIssuer(Record, frozen=True, kw_only=True):
    """Somebody else whose assertions about people are believed here (RFC 7522 and RFC 7523, section 3).

    An issuer, its keys, and whom its `sub` names: a user's id, a login name, or an address.
    """

    issuer: str
    name: str = ""
    enabled: bool = True
    # Its keys: these, those at this address, or those that its metadata names.
    jwks: tuple[Mapping[str, object], ...] = ()
    jwks_uri: str = ""
    # Those of its SAML assertions, in DER; without any it has none to show.
    certificates: tuple[bytes, ...] = ()
    names: Literal["user_id", "login", "email"] = "user_id"
    # The clients that may show its assertions; none, as long as nobody is named.
    clients: tuple[str, ...] = ()
