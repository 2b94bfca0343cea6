"""Class 42: a portal's pages are said to be inside, or a request for them is bent to lead there (SSRF)."""

import pytest

from sekisho.fetch import fetcher
from tests.attacks.household import Household
from tests.attacks.portal_pages import elsewhere, head_of, heard
from tests.attacks.target import ORIGIN, OTHER_HOST, Target
from tests.attacks.test_42_requests_of_ours import AWAY, INSIDE, MIXED, Victim, inside, victim
from tests.attacks.wire import status
from tests.fetch.far import HOST, PUBLIC, World, response, says

SETTINGS = "/api/v2/tenants/settings"
__all__ = ["victim"]


def test_pages_are_never_said_to_be_inside(target: Target, victim: Victim) -> None:
    """No notation of an inner address is taken, nor an address of ours, and nobody is asked meanwhile."""
    more = (
        ORIGIN,
        f"https://{OTHER_HOST}",
        f"https://{HOST}/",
        f"https://{HOST}/x",
        f"https://{HOST}?",
        "//x",
    )
    with target.manage() as manage:
        for address in (*inside(victim.port), *more):
            answer = manage.patch(SETTINGS, json={"site": {"upstream": address}})
            assert answer.status_code == 400, address
            assert answer.json()["errorCode"] == "invalid_body"
        assert manage.get(SETTINGS).json()["site"] == {"folder": "", "upstream": ""}
    assert not victim.was_asked()


def test_only_who_may_change_settings_says_where_pages_are(target: Target) -> None:
    """Scripts of the pages run at the tenant's origin: a token for anything less is refused."""
    with target.manage(target.token("reader", "https://id.example.com/api/v2/")) as manage:
        answer = manage.patch(SETTINGS, json={"site": {"upstream": f"https://{HOST}"}})
        assert answer.status_code == 403


async def test_a_name_that_leads_inside(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that stands for an inner address is not connected to; without the check it would be."""
    for answers in MIXED:
        world = World(answers=[*answers])
        async with elsewhere(home, says(response(INSIDE.encode())), world) as there:
            answer = await heard(home, "GET /x")
            assert status(answer) == 502
            assert INSIDE.encode() not in answer
            assert (there.connections, world.dialled) == (0, [])
    world = World(answers=[("127.0.0.1",)])
    monkeypatch.setattr(fetcher, "address_is_public", lambda _address: True)
    async with elsewhere(home, says(response(INSIDE.encode())), world):
        assert INSIDE.encode() in await heard(home, "GET /x")


async def test_a_name_that_changes_its_mind(home: Household) -> None:
    """Each request looks the name up, and connects to what was looked at."""
    world = World(answers=[(PUBLIC,), ("127.0.0.1",)])
    async with elsewhere(home, says(response(INSIDE.encode())), world) as there:
        assert status(await heard(home, "GET /x")) == 200
        assert status(await heard(home, "GET /x")) == 502
        assert world.dialled == [(PUBLIC, 443)]
        assert there.connections == 1


LINES = (
    "GET https://169.254.169.254/latest", "GET http://127.0.0.1:22/", "GET //169.254.169.254/latest",
    "GET ///127.0.0.1/", "GET /\\127.0.0.1/", "GET @127.0.0.1/", "GET /@127.0.0.1/", "GET /x@127.0.0.1:22/",
    "GET /%2f127.0.0.1/", "GET /..//127.0.0.1/", "GET :22/", "GET .127.0.0.1/", "GET ?x@127.0.0.1/",
    "GET /x?@127.0.0.1/", "GET /#@127.0.0.1/", "GET *", "CONNECT 127.0.0.1:22", "OPTIONS *",
)  # fmt: skip


@pytest.mark.parametrize("line", LINES)
async def test_no_request_chooses_the_server(home: Household, line: str) -> None:
    """Whatever stands in the request line or in a header, the configured name is asked, or none."""
    world = World()
    names = ("x-forwarded-host", "x-host", "forwarded", "x-original-url", "x-upstream", "destination")
    told = [f"{name}: 127.0.0.1" for name in names]
    async with elsewhere(home, says(response()), world) as there:
        assert status(await heard(home, line, *told)) in (0, 200, 400, 404, 405, 421)
        assert set(world.asked) <= {HOST}
        assert set(world.dialled) <= {(PUBLIC, 443)}
        for head in there.heads:
            assert f"\r\nhost: {HOST}\r\n" in head
            assert "\r\nx-forwarded-host: 127" not in head
            assert head.startswith(("GET /", "OPTIONS /"))
            assert not head.startswith("GET //")


@pytest.mark.parametrize("location", AWAY)
async def test_nobody_is_sent_on(home: Household, location: str) -> None:
    """A redirect goes back to the browser: we do not go there."""
    world = World()
    async with elsewhere(
        home, says(response(b"", "307 Temporary Redirect", location=location)), world
    ) as there:
        answer = await heard(home, "POST /x", "content-length: 1", body=b"x")
        assert (status(answer), head_of(answer)["location"]) == (307, [location])
        assert world.dialled == [(PUBLIC, 443)]
        assert there.connections == 1
