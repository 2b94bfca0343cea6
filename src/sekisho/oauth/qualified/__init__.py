"""How tokens are asked for with scopes that name their resource: one file per grant type, one table."""

from collections.abc import Mapping

from sekisho.oauth.delegation import behalf
from sekisho.oauth.grants import Grant
from sekisho.oauth.qualified import again, code, own, password

BEHALF = "urn:ietf:params:oauth:grant-type:jwt-bearer"

GRANTS: Mapping[str, Grant] = {
    "authorization_code": code.grant,
    "client_credentials": own.grant,
    "refresh_token": again.grant,
    "password": password.grant,
    BEHALF: behalf.grant,
}
