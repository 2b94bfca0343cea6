"""Who may come in: people with an access token that is of one tenant, for one API, and has one scope."""

import jwt
import requests
from starlette.requests import Request

LEEWAY = 60  # seconds that two clocks may differ by


class Gate:
    """What an API believes of a token, and nothing else."""

    def __init__(self, authority: str, api: str, scope: str) -> None:
        address = f"{authority}/v2.0/.well-known/openid-configuration"
        told = requests.get(address, timeout=10).json()
        self._issuer = told["issuer"]
        # It keeps the keys, and asks again when a token names another one.
        self._keys = jwt.PyJWKClient(told["jwks_uri"])
        self._api = api
        self._scope = scope

    def token(self, request: Request) -> str:
        """The token of a request."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise jwt.InvalidTokenError("There is no bearer token")
        return token

    def person(self, token: str) -> dict[str, str]:
        """Whose token it is; jwt.PyJWTError where it does not hold."""
        claims: dict[str, str] = jwt.decode(
            token,
            self._keys.get_signing_key_from_jwt(token),
            algorithms=["RS256"],  # never those that the token names
            audience=self._api,
            issuer=self._issuer,
            leeway=LEEWAY,
            options={"require": ["aud", "exp", "iss", "oid", "scp", "tid"]},
        )
        # An application in its own name has roles, and no scope.
        if self._scope not in claims["scp"].split():
            raise jwt.InvalidTokenError(f"The token has no scope {self._scope}")
        return claims
