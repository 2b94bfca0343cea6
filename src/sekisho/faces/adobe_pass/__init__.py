"""Adobe Pass: dynamic client registration and what it protects. The table of addresses."""

from collections.abc import Awaitable, Callable
from typing import Literal

from sekisho.faces.adobe_pass.demo import SAMPLES
from sekisho.faces.adobe_pass.gate import gate
from sekisho.faces.adobe_pass.problem import says as explains
from sekisho.faces.adobe_pass.register import register
from sekisho.faces.adobe_pass.says import says
from sekisho.faces.adobe_pass.token import token
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]
Says = Callable[[Refused, Ask], Answer]
Reads = Literal["", "loose"]

# Method, path, endpoint, who words its refusals, and how a body is read.
ROUTES: tuple[tuple[str, str, Endpoint, Says, Reads], ...] = (
    ("POST", "/o/client/register", register, says, "loose"),
    ("POST", "/o/client/token", token, says, "loose"),
    ("*", "/o/gate", gate, explains, ""),
    ("*", "/o/gate/*", gate, explains, ""),
)
# Only in development: a small API behind the same gate, to try an application against.
DEMO_ROUTES: tuple[tuple[str, str, Endpoint, Says, Reads], ...] = tuple(
    ("*", path, endpoint, explains, "") for path, endpoint in SAMPLES
)
# In whose words somebody is answered who finds nothing below these addresses.
VOICES: tuple[tuple[str, Says], ...] = (
    ("/o/client/", says),
    ("/o/gate", explains),
    ("/demo/adobe-pass/", explains),
)
