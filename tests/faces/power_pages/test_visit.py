"""Who visits: somebody, nobody, or nobody knows; and what a portal may switch off."""

import pytest
from msgspec.structs import replace

from sekisho.faces.power_pages import visit
from sekisho.model.artifact import Session
from sekisho.model.step import Erase, Save
from sekisho.model.user import User
from sekisho.spec.refusal import OVERLOADED, STORE_UNAVAILABLE, Reason, Refused
from sekisho.spec.refusals.authorization import PERSON_BLOCKED
from sekisho.spec.refusals.portal import (
    CERTIFICATE_ABSENT,
    CLIENT_MISSING,
    CLIENT_UNREGISTERED,
    PORTAL_OFF,
    PORTAL_WAY_OFF,
)
from tests.faces.power_pages.conftest import AUTHORIZE, CLIENT, KEY, PAGE, TOKEN, Portal, error_of
from tests.visitor import person

GOOD = {"client_id": CLIENT, "redirect_uri": PAGE}
WAYS = (("GET", AUTHORIZE), ("GET", TOKEN), ("POST", TOKEN))


async def kept(portal: Portal) -> User:
    """The person as they are now."""
    found = await portal.tenant.store.record(User, portal.tenant.id, person().id)
    assert found
    return found


@pytest.mark.parametrize("change", ["gone", "blocked"])
async def test_who_is_gone_or_blocked_is_nobody(visited: Portal, change: str) -> None:
    """A session that is left gives nothing to somebody who may not sign in: they see the sign-in page."""
    user = await kept(visited)
    step = Erase(user) if change == "gone" else Save(replace(user, blocked=True))
    assert await visited.tenant.change(step) is None
    for method, path in WAYS:
        answer = await visited.ask(path, GOOD, method=method)
        assert answer.status_code == 302
        assert "/SignIn?" in answer.headers["location"]
    assert visit.NOBODY == (PERSON_BLOCKED,)


@pytest.mark.parametrize("reason", [STORE_UNAVAILABLE, OVERLOADED])
@pytest.mark.parametrize(("what", "kind"), [("named", User), ("get", Session)])
async def test_a_store_that_is_away_is_no_answer(
    visited: Portal, monkeypatch: pytest.MonkeyPatch, what: str, kind: type[object], reason: Reason
) -> None:
    """Where nobody can say who it is, nobody is sent to sign in: it is our fault, and may be tried again."""
    honest = getattr(visited.tenant.store, what)

    async def away(wanted: type[object], *rest: object) -> object:
        if wanted is kind:
            raise Refused(reason)
        return await honest(wanted, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(visited.tenant.store, what, away)
        for method, path in WAYS:
            answer = await visited.ask(path, GOOD, method=method, x_requested_with="XMLHttpRequest")
            error_of(answer, "PortalSTS1000", 503)
            assert answer.headers["retry-after"]
            assert "x-responded-json" not in answer.headers
    assert (await visited.ask(TOKEN, GOOD)).status_code == 200


async def test_each_way_has_a_switch(visited: Portal) -> None:
    """Authorize, and the GET of token, are switched off one by one; the POST goes with the whole flow."""
    await visited.put("ImplicitGrantFlow/AuthorizeEnabled", "false")
    error_of(await visited.ask(AUTHORIZE, GOOD), PORTAL_WAY_OFF.error, 404)
    assert (await visited.ask(TOKEN, GOOD)).status_code == 200
    await visited.put("implicitgrantflow/TOKENBYGETENABLED", "False")
    for method in ("GET", "HEAD"):
        assert (await visited.ask(TOKEN, GOOD, method=method)).status_code == 404
    error_of(await visited.ask(TOKEN, GOOD), PORTAL_WAY_OFF.error, 404)
    assert (await visited.ask(TOKEN, GOOD, method="POST")).status_code == 200
    assert (await visited.ask(KEY)).status_code == 200
    await visited.put("Connector/ImplicitGrantFlowEnabled", "false")
    error_of(await visited.ask(TOKEN, GOOD), PORTAL_OFF.error, 404)


async def test_a_portal_may_want_to_know_the_client(visited: Portal) -> None:
    """Where it is required, no token without an audience is given: an API that does not look takes none."""
    await visited.put("ImplicitGrantFlow/ClientIdRequired", "true")
    for query in ({}, {"client_id": ""}, {"redirect_uri": PAGE}):
        for method in ("GET", "POST"):
            error_of(await visited.ask(TOKEN, query, method=method), CLIENT_MISSING.error)
    error_of(await visited.ask(TOKEN, {"client_id": "nobody"}), CLIENT_UNREGISTERED.error)
    assert (await visited.ask(TOKEN, GOOD)).status_code == 200
    await visited.put("ImplicitGrantFlow/ClientIdRequired", "false")
    assert (await visited.ask(TOKEN)).status_code == 200


async def test_a_certificate_that_is_not_there(visited: Portal) -> None:
    """Nothing signs in place of a certificate that is named and absent; it is our fault, in a document."""
    await visited.put("CustomCertificates/ImplicitGrantflow", "ab" * 20)
    user = await kept(visited)
    assert await visited.tenant.change(Save(replace(user, claims={**user.claims, "locale": "ja"}))) is None
    for method, path in WAYS:
        answer = await visited.ask(path, GOOD, method=method)
        body = error_of(answer, CERTIFICATE_ABSENT.error, 500)
        assert body["ErrorId"] == "PortalSTS0018"
        assert "証明書" in body["ErrorMessage"]
    assert "certificate" in error_of(await visited.ask(KEY), "PortalSTS0018", 500)["ErrorMessage"]


async def test_errors_that_meet_nobody_speak_the_portals_language(portal: Portal) -> None:
    """Where nobody is known, the first language of the portal that there are texts in is spoken."""
    await portal.put("Connector/ImplicitGrantFlowEnabled", "false")
    for languages, begins in (
        (("ja", "en"), "このポータル"),
        (("en", "ja"), "The implicit"),
        ((), "The implicit"),
    ):
        policy = replace(portal.tenant.policy, languages=languages)
        assert await portal.tenant.change(Save(replace(portal.tenant.record, policy=policy))) is None
        for path in (AUTHORIZE, TOKEN, KEY):
            body = error_of(await portal.ask(path, GOOD, accept_language="en"), PORTAL_OFF.error, 404)
            assert body["ErrorMessage"].startswith(begins)
