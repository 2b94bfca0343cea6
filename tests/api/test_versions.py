"""Versions: entity tags on answers, If-Match on changes (RFC 9110 sections 8.8.3 and 13.1.1)."""

import pytest

from tests.tenants import AUDIENCE

THINGS = "/resource-servers/aaaaaaaaaaaaaaaaaaaaaaaa"


def tag(answer):
    """The entity tag of an answer."""
    return dict(answer.headers)["etag"]


@pytest.fixture
async def places(desk) -> dict[str, object]:
    """One thing of each kind by its address, and a body that changes it."""
    made = await desk.made("POST /clients", {"name": "Shop"})
    line = {"client_id": made["client_id"], "audience": AUDIENCE, "scope": []}
    grant = await desk.made("POST /client-grants", line)
    return {
        f"/clients/{made['client_id']}": {"description": "1"},
        THINGS: {"name": "Other things"},
        f"/client-grants/{grant['id']}": {"scope": ["read:things"]},
        "/tenants/settings": {"friendly_name": "Acme"},
    }


async def test_a_thing_says_its_version(desk, places):
    """Reading and changing one thing answers its version; a change moves it, reading does not."""
    for place, body in places.items():
        first = tag(await desk.ask(f"GET {place}"))
        assert first == tag(await desk.ask(f"GET {place}?fields=name")) == '"1"'
        assert tag(await desk.ask(f"PATCH {place}", body)) == '"2"'
        assert tag(await desk.ask(f"GET {place}")) == '"2"'


async def test_making_a_thing_says_its_version(desk):
    """The answer that makes a thing has its first version; a list has none."""
    assert tag(await desk.ask("POST /clients", {"name": "Shop"})) == '"1"'
    assert "etag" not in dict((await desk.ask("GET /clients")).headers)


async def test_a_change_is_made_to_the_version_it_is_meant_for(desk, places):
    """A stale version is answered 412 and changes nothing; the right one, a list with it, and * are taken."""
    for place, body in places.items():
        answer = await desk.ask(f"PATCH {place}", body, if_match='"7"')
        assert (answer.status, answer.json["errorCode"]) == (412, "precondition_failed")
        assert desk.refused.reason.slug == "version_stale"
        assert tag(await desk.ask(f"GET {place}")) == '"1"'
        assert (await desk.ask(f"PATCH {place}", body, if_match='"9", "1"')).status == 200
        assert (await desk.ask(f"PATCH {place}", body, if_match="*")).status == 200


async def test_a_deletion_is_meant_for_a_version_too(desk, places):
    """What somebody else changed in the meantime is not deleted."""
    for place in list(places)[:3]:
        assert (await desk.ask(f"DELETE {place}", if_match='"2"')).status == 412
        assert (await desk.ask(f"GET {place}")).status == 200
    for place in sorted(list(places)[:3]):
        assert (await desk.ask(f"DELETE {place}", if_match='"1"')).status == 204


async def test_a_tag_that_was_never_ours_matches_nothing(desk, places):
    """A well-formed tag of something else is stale, not malformed."""
    for header in ('"abc"', '""', '"01"', '"1a"', '"9999999999999999999"', '"a,b"'):
        assert (await desk.ask(f"PATCH {THINGS}", {}, if_match=header)).status == 412


@pytest.mark.parametrize(
    "header",
    ["", "1", 'W/"1"', '"1", W/"2"', '"1" "2"', '"1",', "**", '"1"x', '"' * 3, '"1", ' * 200 + '"1"'],
)
async def test_a_header_that_cannot_match_is_refused(desk, header):
    """A weak or malformed tag is answered 400: it could never match. RFC 9110 section 13.1.1."""
    answer = await desk.ask(f"PATCH {THINGS}", {}, if_match=header)
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_header")
    assert desk.refused.reason.slug == "header_invalid"


async def test_deleting_what_is_gone_stays_done(desk):
    """A client that is gone already is deleted, whichever version was meant."""
    assert (await desk.ask("DELETE /clients/gone", if_match='"1"')).status == 204
