"""Where a portal's pages send people to sign in; what they come back to is a page of the portal."""

from urllib.parse import urlencode, urlsplit

from sekisho.spec.http import NO_STORE, Answer, Ask, one
from sekisho.tenant import Tenant

LONGEST = 2_048
RETURN = "returnurl"


async def sign_in(ask: Ask, _: Tenant) -> Answer:
    """GET /SignIn?returnUrl=: on to the sign-in page."""
    back = next((value for name, value in ask.query if name.casefold() == RETURN), "")
    told = [("return_to", home(back, ask)), ("ui_locales", one(ask.query, "ui_locales") or "")]
    query = urlencode([pair for pair in told if pair[1]])
    return Answer(status=302, headers=(("location", f"{ask.root}/login?{query}"), *NO_STORE))


def home(wanted: str, ask: Ask) -> str:
    """The path of a page of this origin, said whole or by its path; the first page otherwise."""
    root = urlsplit(ask.root)
    origin = f"{root.scheme}://{root.netloc}"
    path = wanted.removeprefix(origin) if wanted.startswith(f"{origin}/") else wanted
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and len(path) <= LONGEST
    return path if is_ours and path.isascii() and path.isprintable() else f"{root.path}/"
