"""What pages with forms share: tokens, where a form leads in the end, where a person goes afterwards."""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from msgspec.structs import replace

from sekisho.oauth.flows import Way
from sekisho.pages.reader import MOST_WISHES
from sekisho.spec.browser import cookie, csrf
from sekisho.spec.http import NO_STORE, Answer, Ask, Pairs, one
from sekisho.tenant import Tenant

# The browser's own secret on pages outside a flow. It is SameSite=Lax: no other site's form brings it along,
# as it does the cookie of the session, which silent sign-in needs in frames.
COOKIE = "form"
LONGEST_PATH = 1_024
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")


@dataclass(frozen=True, slots=True)
class Form:
    """The token of a form, and the header that lets the browser keep what it is bound to."""

    token: str
    headers: Pairs = ()


def of_browser(page: str, ask: Ask, tenant: Tenant) -> Form:
    """A form outside a flow: bound to this browser, and to who is signed in there."""
    name = cookie.name_of(COOKIE, tenant.record.slug, ask)
    known = cookie.read(ask, name)
    if _SECRET.fullmatch(known):
        return Form(_token(known, page, ask, tenant))
    fresh = secrets.token_urlsafe(32)
    return Form(_token(fresh, page, ask, tenant), (cookie.kept(ask, name, fresh),))


def is_of_browser(page: str, ask: Ask, tenant: Tenant) -> None:
    """What was posted is a form of this page, from this browser, as it is signed in now."""
    csrf.form_comes_from_here(ask)
    known = cookie.read(ask, cookie.name_of(COOKIE, tenant.record.slug, ask))
    csrf.form_is_of_this_page(ask, tenant.tools.sealer.mac_key, *_bound(known, page, ask, tenant))


def of_flow(handle: str, page: str, tenant: Tenant, *shown: str) -> Form:
    """A form inside a flow: bound to its cookie, and to what the person is shown."""
    return Form(csrf.token(tenant.tools.sealer.mac_key, tenant.id, page, handle, *shown))


def is_of_flow(handle: str, page: str, ask: Ask, tenant: Tenant, *shown: str) -> None:
    """What was posted is a form of this page and this flow, and the person saw just that."""
    csrf.form_comes_from_here(ask)
    csrf.form_is_of_this_page(ask, tenant.tools.sealer.mac_key, tenant.id, page, handle, *shown)


def that_shows(handle: str, page: str, tenant: Tenant, whose: tuple[str, ...], seen: Collection[str]) -> str:
    """The token of a form that says with it what the person is shown: some of it may be settled elsewhere."""
    packed = urlsafe_b64encode("\0".join(sorted(seen)).encode()).decode().rstrip("=")
    return f"{of_flow(handle, page, tenant, *whose, packed).token}.{packed}"


def seen(handle: str, page: str, ask: Ask, tenant: Tenant, whose: tuple[str, ...]) -> frozenset[str]:
    """What the person saw who sent this form of this page and this flow; nobody else can say so."""
    token, _, packed = (ask.get("csrf") or "").partition(".")
    others = tuple(pair for pair in ask.form if pair[0] != "csrf")
    is_of_flow(handle, page, replace(ask, form=(*others, ("csrf", token))), tenant, *whose, packed)
    # The token says that it was packed here.
    return frozenset(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode().split("\0"))


def _token(known: str, page: str, ask: Ask, tenant: Tenant) -> str:
    return csrf.token(tenant.tools.sealer.mac_key, *_bound(known, page, ask, tenant))


def _bound(known: str, page: str, ask: Ask, tenant: Tenant) -> tuple[str, ...]:
    session = cookie.read(ask, cookie.name_of(cookie.SSO, tenant.record.slug, ask))
    # An empty cookie is nobody's secret: no token is ever made for it.
    return (tenant.id, page, known if _SECRET.fullmatch(known) else secrets.token_hex(32), session)


def return_to(wanted: str | None) -> str:
    """A path of this origin; empty for whatever is none: nobody is sent elsewhere."""
    sound = wanted is not None and len(wanted) <= LONGEST_PATH and _PATH.fullmatch(wanted)
    return wanted if wanted and sound else ""


def redirect(location: str, headers: Pairs = ()) -> Answer:
    """Onward, by GET."""
    return Answer(status=303, headers=(("location", location), *NO_STORE, *headers))


def sign_in_address(ask: Ask, path: str) -> str:
    """The sign-in page, from where it goes on to a path below the root of this tenant."""
    back, spoken = urlsplit(ask.root).path + path, one(ask.query, "ui_locales") or ""
    return f"{ask.root}/login" + query(("return_to", back), ("ui_locales", spoken))


def to_sign_in(ask: Ask, path: str) -> Answer:
    """Who is not signed in has to be first."""
    return redirect(sign_in_address(ask, path))


def query(*pairs: tuple[str, str]) -> str:
    """The query of an address, of those that have a value."""
    told = urlencode([pair for pair in pairs if pair[1]])
    return f"?{told}" if told else ""


def with_headers(answer: Answer, headers: Pairs, status: int = 200) -> Answer:
    """The answer, with these too."""
    return replace(answer, headers=(*answer.headers, *headers), status=status)


def spoken(way: Way, ask: Ask) -> Way:
    """The flow goes on in the language that was chosen on this page."""
    chosen = (one(ask.query, "ui_locales") or "").split(" ", MOST_WISHES)
    request = replace(way.flow.request, ui_locales=tuple(filter(None, chosen)) or way.flow.request.ui_locales)
    return Way(replace(way.flow, request=request), way.handle)
