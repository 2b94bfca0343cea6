"""An API elsewhere that pages of a portal call: it believes the portal's tokens, and nothing else.

    pip install 'pyjwt[crypto]'
    python examples/portal/api.py http://localhost:8000 example-portal

It knows three things: where the portal is (and so what `iss` has to be), its own name (`aud`), and the
portal's public key, which it asks for once, when it starts.
"""

import argparse
import json
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit
from urllib.request import urlopen

import jwt

LEEWAY = 30  # seconds that two clocks may differ by


class Portal:
    """A portal whose visitors are let in, with a token that is for this audience."""

    def __init__(self, address: str, audience: str) -> None:
        split = urlsplit(address)
        self.origin = f"{split.scheme}://{split.netloc}"
        self._issuer = split.netloc  # the bare host, with the port where there is one
        self._audience = audience
        with urlopen(f"{self.origin}/_services/auth/publickey", timeout=10) as answer:
            self._key = answer.read().decode()

    def visitor(self, authorization: str) -> dict[str, object]:
        """What the token says about its visitor; jwt.InvalidTokenError where it does not hold."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise jwt.InvalidTokenError("There is no bearer token")
        claims: dict[str, object] = jwt.decode(
            token,
            self._key,
            algorithms=["RS256"],  # never those that the token names
            audience=self._audience,
            issuer=self._issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "nbf", "iss", "aud", "sub"]},
        )
        return claims


class Api(BaseHTTPRequestHandler):
    """GET /api/external/ping for everybody, GET /api/external/whoami for visitors of the portal."""

    portal: Portal

    def do_OPTIONS(self) -> None:
        """Browsers ask before they send a token to another origin."""
        self._answer(HTTPStatus.NO_CONTENT)

    def do_GET(self) -> None:
        """One of two resources."""
        if self.path == "/api/external/ping":
            self._answer(HTTPStatus.OK, {"pong": True})
        elif self.path == "/api/external/whoami":
            self._whoami()
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "not_found"})

    def _whoami(self) -> None:
        try:
            claims = self.portal.visitor(self.headers.get("Authorization", ""))
        except jwt.InvalidTokenError as wrong:
            self._answer(HTTPStatus.UNAUTHORIZED, {"error": "invalid_token", "error_description": str(wrong)})
            return
        # The first element is about the visitor, too: chat products read it.
        engagement = claims["lp_sdes"]
        told = {name: claims[name] for name in ("sub", "given_name", "family_name", "email")}
        self._answer(HTTPStatus.OK, {**told, "lp_sdes": engagement})

    def _answer(self, status: HTTPStatus, document: object = None) -> None:
        body = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
        self.send_response(status)
        # Pages of the portal may read the answer, and pages of nobody else.
        self.send_header("Access-Control-Allow-Origin", self.portal.origin)
        self.send_header("Access-Control-Allow-Headers", "authorization")
        self.send_header("Access-Control-Max-Age", "600")
        self.send_header("Vary", "Origin")
        self.send_header("Cache-Control", "no-store")
        if status == HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", "Bearer")
        if document is not None:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve on this machine until somebody presses Ctrl-C."""
    words = argparse.ArgumentParser(description="An API for visitors of a portal.")
    words.add_argument("portal", help="the address of the portal, as http://localhost:8000")
    words.add_argument("audience", help="the client id that tokens have to be for")
    words.add_argument("--port", type=int, default=8001)
    told = words.parse_args()
    Api.portal = Portal(told.portal, told.audience)
    with ThreadingHTTPServer(("127.0.0.1", told.port), Api) as server:
        print(
            f"Visitors of {told.portal} may ask http://localhost:{told.port}/api/external/whoami", flush=True
        )
        server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
