"""What a client may ask of an API in its own name."""

from sekisho.model.record import Record


class ClientGrant(Record, frozen=True, kw_only=True):
    """Client and API with the scopes between them; both are named by their wire names."""

    client_id: str
    audience: str
    scopes: tuple[str, ...] = ()
    is_system: bool = False
