"""API A: the shop, which serves its page, too.

    python examples/on_behalf_of/shop.py

It asks the Orders API and Graph on behalf of whoever calls it: each token is traded for one for the next API.
"""

from base64 import b64encode
from pathlib import Path

import demo
import jwt
import msal
import requests
import uvicorn
from gate import Gate
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

PORT = 8001
ORDERS = "https://localhost:8002/orders"
HERE = Path(__file__).parent
MSAL = HERE / "node_modules/@azure/msal-browser/lib"

gate = Gate(demo.AUTHORITY, demo.SHOP_API, "access_as_user")
middle = msal.ConfidentialClientApplication(
    demo.SHOP_API,
    client_credential=demo.SHOP_API_SECRET,
    authority=demo.AUTHORITY,
    instance_discovery=False,  # otherwise it asks Microsoft whether our server is one of theirs
)


class NotGiven(Exception):
    """The server gives no token for the next API, and says why."""


def overview(request: Request) -> JSONResponse:
    """GET /api/overview: what two other APIs say about the person."""
    token = gate.token(request)
    gate.person(token)
    return JSONResponse(
        {
            "person": ask(f"{demo.GRAPH}/v1.0/me", "https://graph.microsoft.com/User.Read", token),
            "orders": ask(ORDERS, f"api://{demo.ORDERS_API}/Orders.Read", token),
        }
    )


def ask(address: str, scope: str, token: str) -> object:
    """Another API, on behalf of the person whose token this is."""
    given = middle.acquire_token_on_behalf_of(token, [scope])
    if "access_token" not in given:
        raise NotGiven(given)
    bearer = {"authorization": f"Bearer {given['access_token']}"}
    answer = requests.get(address, headers=bearer, timeout=10)
    answer.raise_for_status()
    return answer.json()


def refused(request: Request, wrong: Exception) -> JSONResponse:
    """401: no token, or none that holds here."""
    return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})


def not_given(request: Request, wrong: Exception) -> JSONResponse:
    """401 or 403: only the page can ask the person, so it has to hear what the server said."""
    (said,) = wrong.args
    if claims := said.get("claims"):
        # What the person has to show first. A header has no place for JSON as it is.
        challenge = f'Bearer error="insufficient_claims", claims="{b64encode(claims.encode()).decode()}"'
        asked = {"error": "insufficient_claims", "claims": claims}
        return JSONResponse(asked, 401, {"WWW-Authenticate": challenge})
    refusal = {"error": said.get("suberror") or said["error"], "message": said.get("error_description")}
    return JSONResponse(refusal, 403)


app = Starlette(
    routes=[
        Route("/api/overview", overview),
        Mount("/on_behalf_of/lib", StaticFiles(directory=MSAL)),
        Mount("/on_behalf_of", StaticFiles(directory=HERE / "site", html=True)),
    ],
    exception_handlers={jwt.PyJWTError: refused, NotGiven: not_given},
)

if __name__ == "__main__":
    uvicorn.run(app, port=PORT, ssl_certfile=demo.CERTIFICATE, ssl_keyfile=demo.KEY)
