"""How a token is asked for: one file per grant type, one table."""

from collections.abc import Awaitable, Callable, Mapping

from sekisho.model.client import Client
from sekisho.model.granted import Granted
from sekisho.oauth.grants import client_credentials
from sekisho.spec.http import Ask
from sekisho.tenant import Tenant

Grant = Callable[[Ask, Client, Tenant], Awaitable[Granted]]

GRANTS: Mapping[str, Grant] = {
    "client_credentials": client_credentials.grant,
}
