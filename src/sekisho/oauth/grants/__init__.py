"""How a token is asked for: one file per grant type, one table."""

from collections.abc import Awaitable, Callable, Mapping

from sekisho.model.client import Client
from sekisho.model.granted import Granted
from sekisho.oauth.grants import (
    authorization_code,
    client_credentials,
    jwt_bearer,
    password,
    refresh_token,
    saml_bearer,
    second_factor,
    token_exchange,
)
from sekisho.spec.http import Ask
from sekisho.spec.policy import (
    JWT_BEARER,
    MFA_OTP,
    MFA_RECOVERY,
    PASSWORD_REALM,
    PASSWORDLESS,
    SAML2_BEARER,
    TOKEN_EXCHANGE,
)
from sekisho.tenant import Tenant

Grant = Callable[[Ask, Client, Tenant], Awaitable[Granted]]

GRANTS: Mapping[str, Grant] = {
    "authorization_code": authorization_code.grant,
    "client_credentials": client_credentials.grant,
    "refresh_token": refresh_token.grant,
    "password": password.grant,
    PASSWORD_REALM: password.of_realm,
    PASSWORDLESS: password.of_code,
    TOKEN_EXCHANGE: token_exchange.grant,
    JWT_BEARER: jwt_bearer.grant,
    SAML2_BEARER: saml_bearer.grant,
    MFA_OTP: second_factor.of_app,
    MFA_RECOVERY: second_factor.of_recovery,
}
