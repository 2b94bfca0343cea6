"""API B: it knows what people ordered, and tells whoever comes with their token.

    python examples/on_behalf_of/orders.py

It neither knows nor asks by how many APIs the token came: it is for this API, and about one person.
"""

import demo
import jwt
import uvicorn
from gate import Gate
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

PORT = 8002

gate = Gate(demo.AUTHORITY, demo.ORDERS_API, "Orders.Read")


def orders(request: Request) -> JSONResponse:
    """GET /orders: what this person ordered."""
    person = gate.person(gate.token(request))
    made = [
        {"what": "A lantern", "comes": "tomorrow"},
        {"what": "Seven candles", "comes": "on Friday"},
    ]
    # `oid` is who somebody is; names and addresses change. `azp` is who called.
    return JSONResponse({"person": person["oid"], "called_by": person["azp"], "orders": made})


def refused(request: Request, wrong: Exception) -> JSONResponse:
    """401: no token, or none that holds here."""
    return JSONResponse({"error": "invalid_token"}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'})


app = Starlette(
    routes=[Route("/orders", orders)],
    exception_handlers={jwt.PyJWTError: refused},
)

if __name__ == "__main__":
    uvicorn.run(app, port=PORT, ssl_certfile=demo.CERTIFICATE, ssl_keyfile=demo.KEY)
