"""Signing out by the face: who ends, where that leads, and who else hears of it."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from sekisho.model.client import Client, ReplyUrl
from sekisho.model.granted import SignIn
from sekisho.model.step import Save
from sekisho.spec.refusals.authorization import SIGN_OUT_EMBEDDED
from tests.faces.entra.desk import APP, AWAY, HEARS, OTHER, SPA, Desk, application
from tests.tenants import ORIGIN, TENANT
from tests.visitor import web_client

OURS = f"{ORIGIN}/oidc/logout"
PATHS = ("/demo/oauth2/v2.0/logout", f"/{TENANT}/oauth2/logout", "/common/oauth2/v2.0/logout")


async def quiet(desk: Desk) -> None:
    """The application wants to hear nothing."""
    await desk.change(Client, application().id, front_logout_uri="")


async def left(desk: Desk, query: Mapping[str, str] | None = None, path: str = PATHS[0]) -> str:
    """Where the browser goes."""
    answer = await desk.ask(f"{path}?{urlencode(query or {})}")
    return sent_to(answer)


def sent_to(answer: httpx.Response) -> str:
    """Where an answer leads that takes the cookie."""
    assert answer.status_code == 302, answer.text
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.headers["location"])


@pytest.mark.parametrize("path", PATHS)
async def test_ends_the_session(desk: Desk, path: str):
    """By GET or POST, at the newer endpoint or the older one, without a question; our own page says so."""
    await quiet(desk)
    for form in (None, {"logout_hint": "aya@example.com"}):
        await desk.signs_in(APP)
        assert sent_to(await desk.ask(path, form)) == OURS
        assert not await desk.is_signed_in()


async def test_leads_to_an_address_of_the_application(desk: Desk):
    """A reply URL of the application that is named, or that an ID token is for, is gone to with the state."""
    await quiet(desk)
    hint = await desk.token("id_token")
    for query in ({"client_id": APP}, {"id_token_hint": hint}, {"id_token_hint": hint, "client_id": APP}):
        await desk.signs_in()
        away = {"post_logout_redirect_uri": AWAY, **query}
        assert await left(desk, {**away, "state": "s&1"}) == f"{AWAY}?state=s%261"
        posted = await desk.ask(PATHS[0], {**away, "state": "s"})
        assert sent_to(posted) == f"{AWAY}?state=s"
        # There is nobody signed in any more: it leads there all the same.
        assert await left(desk, away) == AWAY


async def test_leads_to_an_address_of_whoever_was_signed_in_to(desk: Desk):
    """Libraries for browsers name no application: the reply URLs of those that the session knows count."""
    await quiet(desk)
    await desk.signs_in(APP)
    assert await left(desk, {"post_logout_redirect_uri": AWAY}) == AWAY
    assert await left(desk, {"post_logout_redirect_uri": AWAY}) == OURS


async def test_a_port_of_localhost_is_of_no_matter(desk: Desk):
    """An address at localhost is gone to as answers are: at any port, and with no other difference."""
    await quiet(desk)
    replies = (ReplyUrl("https://localhost/app", "spa"), ReplyUrl("https://*.example.com/app*", "web"))
    await desk.change(Client, application().id, reply_urls=replies)
    for sent, to in (
        ("https://localhost:8443/app", "https://localhost:8443/app"),
        ("https://localhost:8443/app/", OURS),
        ("http://localhost/app", OURS),
        ("https://a.example.com/app", OURS),
        ("https://*.example.com/app*", OURS),
    ):
        assert await left(desk, {"client_id": APP, "post_logout_redirect_uri": sent}) == to


@pytest.mark.parametrize(
    "query",
    [
        {"client_id": "web"},
        {"client_id": "nobody"},
        {"client_id": "x" * 600},
        {"id_token_hint": "forged", "client_id": APP},
        {"client_id": APP, "post_logout_redirect_uri": "https://evil.example/"},
        {"client_id": APP, "post_logout_redirect_uri": SPA + "x"},
    ],
)
async def test_leads_nowhere_else(desk: Desk, query: dict[str, str]):
    """An address that is not the application's own, letter for letter, is not gone to; the session ends."""
    await quiet(desk)
    assert await desk.tenant.change(Save(web_client())) is None
    await desk.signs_in(APP)
    assert await left(desk, {"post_logout_redirect_uri": AWAY, **query}) == OURS
    assert not await desk.is_signed_in()


async def test_a_token_of_another_kind_is_no_hint(desk: Desk):
    """An access token, an ID token for somebody else, or one of another tenant leads nowhere."""
    await quiet(desk)
    assert await desk.tenant.change(Save(web_client())) is None
    for hint, named in (
        (await desk.token(), APP),
        (await desk.token("id_token", client=web_client()), APP),
        (await desk.token("id_token", issuer="https://other.example/"), APP),
    ):
        query = {"id_token_hint": hint, "client_id": named, "post_logout_redirect_uri": AWAY}
        assert await left(desk, query) == OURS


async def test_a_client_that_is_switched_off_leads_nowhere(desk: Desk):
    """Who is switched off leads nobody anywhere, and hears nothing."""
    await desk.change(Client, application().id, enabled=False)
    await desk.signs_in(APP)
    assert await left(desk, {"client_id": APP, "post_logout_redirect_uri": AWAY}) == OURS


async def test_a_page_inside_another_signs_nobody_out(desk: Desk):
    """No picture or frame of another site ends a session."""
    await desk.signs_in(APP)
    answer = await desk.ask(PATHS[0], sec_fetch_dest="iframe", accept="application/json")
    assert answer.status_code == SIGN_OUT_EMBEDDED.status
    assert await desk.is_signed_in()


async def test_another_tenant_signs_nobody_out(desk: Desk):
    """The address of another tenant ends none of ours, and that of none is refused."""
    await desk.signs_in(APP)
    assert (await desk.ask(f"/{OTHER}/oauth2/v2.0/logout")).status_code == 302
    assert (await desk.ask("/nobody/oauth2/v2.0/logout")).status_code == 400
    assert await desk.is_signed_in()


async def test_other_applications_hear_of_it(desk: Desk):
    """A page loads an address of each application, hidden. Front-Channel Logout 1.0 section 2."""
    other = web_client(front_logout_uri="https://app.example.com:8443/front?a=1")
    assert await desk.tenant.change(Save(other)) is None
    session = await desk.signs_in(APP, "web", "machine")
    answer = await desk.ask(f"{PATHS[0]}?{urlencode({'post_logout_redirect_uri': AWAY, 'state': 's'})}")
    assert answer.status_code == 200
    told = urlencode({"iss": f"{ORIGIN}/{TENANT}/v2.0", "sid": session.id}).replace("&", "&amp;")
    assert f'<iframe src="{HEARS}?{told}"' in answer.text
    assert f'<iframe src="https://app.example.com:8443/front?a=1&amp;{told}"' in answer.text
    assert answer.text.count("<iframe") == 2
    policy = answer.headers["content-security-policy"]
    assert "frame-src https://spa.example.com https://app.example.com:8443" in policy
    assert answer.headers["refresh"] == f"2; url={AWAY}?state=s"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert not await desk.is_signed_in()


@pytest.mark.parametrize("address", ["/v2/logout?client_id=web&returnTo=https://app.example.com/bye", ""])
async def test_they_hear_of_it_wherever_somebody_leaves(desk: Desk, address: str):
    """The core's own end session endpoint and Auth0's tell the same applications."""
    assert (
        await desk.tenant.change(Save(web_client(allowed_logout_urls=("https://app.example.com/bye",))))
        is None
    )
    session = await desk.signs_in(APP)
    if not address:
        hint = await desk.token("id_token", sign_in=SignIn(auth_time=1, session=session.id))
        address = f"/oidc/logout?id_token_hint={hint}"
    answer = await desk.ask(address, accept="text/html")
    (src,) = [part.split('"')[0] for part in answer.text.split('<iframe src="')[1:]]
    assert parse_qs(urlsplit(src.replace("&amp;", "&")).query)["sid"] == [session.id]
    assert not await desk.is_signed_in()


async def test_pages_without_frames_may_have_none(desk: Desk):
    """The policy of every other page allows no frame."""
    answer = await desk.ask("/oidc/logout", accept="text/html")
    assert "frame-src" not in answer.headers["content-security-policy"]
    assert "refresh" not in answer.headers
