"""Where people come from."""

from collections.abc import Mapping

from sekisho.model.record import Record

DATABASE = "Username-Password-Authentication"


class Connection(Record, frozen=True, kw_only=True):
    """A source of users; each tenant has the database one from the start."""

    name: str = DATABASE
    strategy: str = "auth0"
    options: Mapping[str, object] = {}
    enabled_clients: tuple[str, ...] = ()
