"""Auth0: the endpoints of its own that its libraries call. The table of addresses."""

from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

from sekisho.faces.auth0 import (
    change_password,
    cross_origin,
    mfa,
    older,
    passwordless,
    quiet,
    sign_out,
    sign_up,
)
from sekisho.faces.auth0.says import says_at_start, says_to_new, says_to_older, says_to_pages
from sekisho.oauth.says import says
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]
Says = Callable[[Refused, Ask], Answer]


class Row(NamedTuple):
    """An address: who words its refusals (pages where nobody does), how a body is read, who else may ask.

    `cors` says whether pages of clients may, with or without the cookies that their browsers have of us.
    """

    method: str
    path: str
    endpoint: Endpoint
    says: Says | None
    reads: Literal["", "form", "loose"] = ""
    cors: Literal["", "clients", "credentials"] = ""
    limit: Literal["", "token"] = ""


# fmt: off
ROUTES: tuple[Row, ...] = (
    Row("GET", "/v2/logout", sign_out.end, None),
    Row("POST", "/dbconnections/signup", sign_up.create, says_to_new, "loose", "clients", "token"),
    Row("POST", "/dbconnections/change_password", change_password.begin, says_to_new, "loose", "clients",
        "token"),
    Row("POST", "/co/authenticate", cross_origin.authenticate, says_to_pages, "form", "credentials", "token"),
    Row("POST", "/oauth/ro", older.resource_owner, says, "form", "clients", "token"),
    Row("POST", "/tokeninfo", older.tokeninfo, says_to_older, "form", "clients", "token"),
    Row("GET", "/user/ssodata", quiet.ssodata, says, cors="credentials"),
    Row("POST", "/usernamepassword/challenge", quiet.challenge, says, cors="credentials"),
    Row("GET", "/usernamepassword/challenge", quiet.challenge, says, cors="credentials"),
    Row("POST", "/dbconnections/{name}/challenge", quiet.challenge, says, cors="clients"),
    Row("GET", "/dbconnections/{name}/challenge", quiet.challenge, says, cors="clients"),
    Row("POST", "/passwordless/start", passwordless.start, says_at_start, "loose", "clients", "token"),
    Row("POST", "/passwordless/challenge", quiet.challenge, says, cors="clients"),
    Row("GET", "/passwordless/challenge", quiet.challenge, says, cors="clients"),
    Row("GET", "/mfa/authenticators", mfa.authenticators, says, cors="clients", limit="token"),
    Row("POST", "/mfa/associate", mfa.associate, says, "loose", "clients", "token"),
    Row("POST", "/mfa/challenge", mfa.challenge, says, "loose", "clients", "token"),
)
# fmt: on
VOICES: tuple[tuple[str, Says], ...] = (
    ("/dbconnections/", says_to_new),
    ("/co/authenticate", says_to_pages),
    ("/tokeninfo", says),
    ("/user/ssodata", says),
    ("/usernamepassword/", says),
    ("/passwordless/", says),
    *((path, says) for path in ("/mfa/authenticators", "/mfa/associate", "/mfa/challenge")),
)
