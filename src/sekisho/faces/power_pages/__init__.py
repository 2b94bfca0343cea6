"""Power Pages: a portal tells an API elsewhere who visits it. The table of addresses."""

from collections.abc import Awaitable, Callable
from typing import Literal

from sekisho.faces.power_pages.public_key import public_key
from sekisho.faces.power_pages.says import says
from sekisho.faces.power_pages.script import script
from sekisho.faces.power_pages.sign_in import sign_in
from sekisho.faces.power_pages.tokens import authorize, token
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]
Says = Callable[[Refused, Ask], Answer]

# Method, path, endpoint, who words its refusals, how a body is read, and whether other origins may be let in;
# the paths are found in whatever case.
ROUTES: tuple[tuple[str, str, Endpoint, Says, Literal["", "loose"], Literal["", "portal"]], ...] = (
    ("GET", "/_services/auth/authorize", authorize, says, "", "portal"),
    ("GET", "/_services/auth/token", token, says, "", "portal"),
    ("POST", "/_services/auth/token", token, says, "loose", "portal"),
    ("GET", "/_services/auth/publickey", public_key, says, "", "portal"),
    ("GET", "/_services/auth/client.js", script, says, "", "portal"),
    ("GET", "/SignIn", sign_in, says, "", ""),
)
VOICES: tuple[tuple[str, Says], ...] = (("/_services/auth/", says),)
