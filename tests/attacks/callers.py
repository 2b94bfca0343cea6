"""Applications that call each other by Entra's addresses, in the house with people: honest, or not."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import httpx
from msgspec.structs import replace

from sekisho.model.record import Record
from sekisho.model.step import Erase
from tests.attacks.guest import Guest, told
from tests.attacks.household import OTHER_TENANT, Household
from tests.attacks.target import HOST
from tests.entra import ENTER, NEWER, PAGE, RECORDS, SITE, SPA, A, asking, on_behalf, origin, redeeming
from tests.tenants import SECRET, TENANT

THERE = f"/{OTHER_TENANT}/oauth2/v2.0"
SERVER = {"client_id": A, "redirect_uri": SITE}
FROM_PAGE = {"origin": origin(PAGE)}
_TOKENS = {"access_token", "refresh_token", "id_token", "client_info"}


def moved_in(home: Household) -> Household:
    """A page, API A behind it, and others behind that; the people of the house agreed to the most of it."""
    home.change(*RECORDS[1:])
    return home


def twin(record: Any) -> Record:
    """The same in the other tenant: by every name that people chose."""
    found: Record = replace(record, tenant=OTHER_TENANT)
    return found


def form(told: Any) -> dict[str, str]:
    """What is sent: what is None is left out."""
    return {name: str(value) for name, value in told.items() if value is not None}


def posts(home: Household, told: Any, path: str = NEWER, host: str = HOST, **headers: str) -> httpx.Response:
    """A request to the token endpoint below a path."""
    with home.web(host, **{name.replace("_", "-"): value for name, value in headers.items()}) as web:
        return web.post(f"{path}/token", data=form(told))


def authorizes(guest: Guest, path: str = NEWER, **more: str | None) -> httpx.Response:
    """The page sends somebody here; the page that they come to, or the answer."""
    return guest.opens(f"{path}/authorize?{urlencode(asking(**more))}")


def answer_of(guest: Guest, **more: str | None) -> dict[str, str]:
    """What the application is told: Aya signs in and agrees where she is asked."""
    answer = authorizes(guest, NEWER, **more)
    if answer.request.url.path == "/login":
        answer = guest.signs_in(answer)
    if answer.request.url.path == "/consent":
        answer = guest.posts(answer, decision="allow")
    return told(answer)


def code_of(home: Household, **more: str | None) -> str:
    """A code for the page."""
    return answer_of(Guest(home), **more)["code"]


def redeems(home: Household, code: str, **more: str | None) -> httpx.Response:
    """The page shows a code."""
    return posts(home, redeeming(code, **more), **FROM_PAGE)


def serves(home: Household, code: str, **more: str | None) -> httpx.Response:
    """API A, which is a site of its own, shows a code."""
    return posts(home, redeeming(code, **{**SERVER, "client_secret": SECRET, **more}))


def tokens_of(home: Household, **more: str | None) -> dict[str, Any]:
    """What the page has after somebody signed in."""
    return granted(redeems(home, code_of(home, **more)))


def site_tokens(home: Household, scope: str = f"openid offline_access {ENTER}") -> dict[str, Any]:
    """What API A has as a site that people sign in to."""
    return granted(serves(home, code_of(home, **SERVER, scope=scope)))


def token_a(home: Household, **more: str | None) -> str:
    """The token with which the page calls API A."""
    return str(tokens_of(home, **more)["access_token"])


def goes_on(home: Household, shown: str, *, path: str = NEWER, **more: str | None) -> httpx.Response:
    """API A shows a token that it was called with."""
    return posts(home, on_behalf(shown, **more), path)


def refreshes(home: Household, shown: str, **more: str | None) -> httpx.Response:
    """The page shows its refresh token."""
    asked = {"grant_type": "refresh_token", "client_id": SPA, "refresh_token": shown, **more}
    return posts(home, asked, **FROM_PAGE)


def site_refreshes(home: Household, shown: str, **more: str | None) -> httpx.Response:
    """API A shows one of its own."""
    asked = {"grant_type": "refresh_token", "client_id": A, "client_secret": SECRET, "refresh_token": shown}
    return posts(home, {**asked, **more})


def granted(answer: httpx.Response) -> dict[str, Any]:
    """What was given."""
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def is_refused(answer: httpx.Response, *numbers: int) -> None:
    """By one of these numbers, with nothing that anybody could use."""
    assert answer.status_code in (400, 401, 403), answer.text
    body = answer.json()
    assert not _TOKENS & body.keys()
    assert body["error_codes"][0] in numbers, answer.text
    assert answer.headers["cache-control"] == "no-store, no-cache"


def changed(home: Household, kind: type[Record], name: str, /, **fields: Any) -> None:
    """A record of the tenant, changed."""
    found = asyncio.run(home.tenant.store.named(kind, TENANT, name))
    assert found
    home.change(replace(found, **fields))


def gone(home: Household, kind: type[Record], name: str) -> None:
    """A record of the tenant, erased, as it is where nobody tidies up."""
    found = asyncio.run(home.tenant.store.named(kind, TENANT, name))
    assert found
    assert asyncio.run(home.tenant.change(Erase(found))) is None
