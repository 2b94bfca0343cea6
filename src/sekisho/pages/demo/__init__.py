"""The demo application, a page of a portal, what they call, and the tray of mails, in development only."""

from collections.abc import Awaitable, Callable

from sekisho.oauth.says import says_to_bearers
from sekisho.pages.demo.app import PATH, app
from sekisho.pages.demo.journeys import journeys, plan
from sekisho.pages.demo.mail import PATH as MAIL
from sekisho.pages.demo.mail import every, html, one
from sekisho.pages.demo.portal import PATH as PORTAL
from sekisho.pages.demo.portal import page as portal
from sekisho.pages.demo.whoami import whoami
from sekisho.pages.says import says
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]
Says = Callable[[Refused, Ask], Answer]

API = "/demo/api/journeys"
# Method, path, endpoint, and who words its refusals.
ROUTES: tuple[tuple[str, str, Endpoint, Says], ...] = (
    ("GET", PATH, app, says),
    ("GET", API, journeys, says_to_bearers),
    ("POST", API, plan, says_to_bearers),
    ("GET", PORTAL, portal, says),
    ("GET", f"{PORTAL}api/whoami", whoami, says_to_bearers),
    ("GET", MAIL, every, says),
    ("GET", f"{MAIL}/{{id}}", one, says),
    ("GET", f"{MAIL}/{{id}}/html", html, says),
)
