"""Registered applications: drafts, publication, statements, revocation."""

import asyncio

import pytest

from sekisho.change.fields import amendment, creation
from sekisho.keys import rotation
from sekisho.model.api import PROTECTED, Api
from sekisho.model.registered_application import EVERY_CHANNEL, RegisteredApplication
from sekisho.model.signing_key import SigningKey
from sekisho.registry import registered_applications
from sekisho.registry.registered_applications import ApplicationFields
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import BODY_INVALID, VERSION_STALE
from sekisho.spec.refusals.registration import (
    APPLICATION_ABSENT,
    APPLICATION_FIXED,
    APPLICATION_REVOKED,
    APPLICATION_UNPUBLISHED,
    STATEMENT_ABSENT,
    STATEMENT_INVALID,
)
from sekisho.store import Window
from sekisho.tokens import software_statement
from tests.registered import ACTOR, TELEVISION, drafted, published, stated
from tests.tenants import Clock, demo_tenant

ALL = Window(limit=100)


async def refused(deed) -> object:
    """Why it is refused; None if it is done."""
    try:
        await deed
    except Refused as why:
        return why.reason
    return None


async def test_the_first_one_brings_what_all_of_them_need():
    """With the first come a pinned key for statements and the one API; a second brings neither."""
    tenant = await demo_tenant()
    assert await tenant.store.named(Api, tenant.id, PROTECTED) is None
    await drafted(tenant)
    (key,) = await tenant.store.records(SigningKey, tenant.id, {"ring": "statements"}, ALL)
    assert (key.alg, key.state, key.pinned) == ("RS256", "current", True)
    api = await tenant.store.named(Api, tenant.id, PROTECTED)
    assert api
    assert (api.dialect, api.is_system, api.token_lifetime) == ("adobe_pass", True, 86_400)
    await drafted(tenant)
    assert await tenant.store.records(SigningKey, tenant.id, {"ring": "statements"}, ALL) == [key]
    assert await tenant.store.named(Api, tenant.id, PROTECTED) == api


async def test_the_first_ones_of_many_at_once_share_a_key():
    """Of several that are the first at the same time all land, with one key and one API."""
    tenant = await demo_tenant()
    made = await asyncio.gather(*(drafted(tenant, name=f"N{n}") for n in range(4)))
    assert await tenant.store.count(RegisteredApplication, tenant.id, {}) == len(made)
    assert await tenant.store.count(SigningKey, tenant.id, {"ring": "statements"}) == 1


async def test_the_key_of_statements_stays():
    """A statement never expires, so nobody rotates its key."""
    tenant = await demo_tenant()
    await drafted(tenant)
    (key,) = await tenant.store.records(SigningKey, tenant.id, {"ring": "statements"}, ALL)
    new = rotation.born(
        rotation.Ring(tenant.id, "demo", "statements"), "RS256", "next", tenant.tools.sealer, tenant.now()
    )
    with pytest.raises(rotation.KeyRefused):
        rotation.rotate([key], new, tenant.now(), forced=True)


async def test_a_draft_is_changed_and_a_published_one_is_not():
    """What statements were given out for never changes, not even for who saw the newest version."""
    tenant = await demo_tenant()
    made = await drafted(tenant)
    asked = amendment({"channels": ["*"], "version": None}, ApplicationFields)
    changed = await registered_applications.change(tenant, made.id, asked, ACTOR, (1,))
    assert (changed.channels, changed.release, changed.version) == ((EVERY_CHANNEL,), "1.0.0", 2)
    assert changed.covers("anything")
    public = await registered_applications.publish(tenant, made.id, ACTOR, (2,))
    other = amendment({"name": "Other"}, ApplicationFields)
    deed = registered_applications.change(tenant, made.id, other, ACTOR, (public.version,))
    assert await refused(deed) is APPLICATION_FIXED
    assert await registered_applications.find(tenant, made.id) == public


async def test_a_change_that_meets_a_publication_is_refused():
    """Who changes a draft while it is published either was first or is refused: nothing slips in."""
    tenant = await demo_tenant()
    for _ in range(10):
        made = await drafted(tenant)
        asked = creation({**TELEVISION, "domains": ["example.org"]}, ApplicationFields)
        outcome, public = await asyncio.gather(
            refused(registered_applications.change(tenant, made.id, asked, ACTOR)),
            registered_applications.publish(tenant, made.id, ACTOR),
        )
        assert outcome in (None, APPLICATION_FIXED)
        now = await registered_applications.find(tenant, made.id)
        assert now.domains == (("example.com",) if outcome else ("example.org",))
        assert now == public


async def test_a_scheme_is_kept_without_its_slashes():
    """`x.y://` and `x.y` are the same scheme, and are named once."""
    tenant = await demo_tenant()
    assert (await drafted(tenant, custom_schemes=["adbe.x://", "com.y:"])).custom_schemes == (
        "adbe.x",
        "com.y",
    )
    assert await refused(drafted(tenant, custom_schemes=["adbe.x://", "adbe.x"])) is BODY_INVALID


async def test_statements_are_signed_once_and_good_for_ever():
    """A statement says its application, and stays good after any time and after later ones."""
    clock = Clock()
    tenant = await demo_tenant(clock)
    application = await published(tenant)
    first, text = await stated(tenant, application)
    clock.now += 10 * 365 * 86_400
    second, _ = await stated(tenant, application)
    able = await tenant.able("statements", "RS256")
    read = software_statement.read(text, able)
    assert (read.id, read.application, read.created_at) == (first.id, application.id, first.created_at)
    assert second.id != first.id
    with pytest.raises(Refused) as caught:
        software_statement.read(text[:-4] + "AAAA", able)
    assert caught.value.reason is STATEMENT_INVALID


async def test_statements_are_given_while_it_is_public():
    """A draft gives none, a revoked application gives none, an unknown one gives none."""
    tenant = await demo_tenant()
    draft = await drafted(tenant)
    give = registered_applications.give_statement
    assert await refused(give(tenant, draft.id, ACTOR)) is APPLICATION_UNPUBLISHED
    await registered_applications.publish(tenant, draft.id, ACTOR)
    assert await refused(give(tenant, draft.id, ACTOR)) is None
    await registered_applications.revoke(tenant, draft.id, ACTOR)
    assert await refused(give(tenant, draft.id, ACTOR)) is APPLICATION_REVOKED
    assert await refused(registered_applications.publish(tenant, draft.id, ACTOR)) is APPLICATION_REVOKED
    assert await refused(give(tenant, "nobody", ACTOR)) is APPLICATION_ABSENT


async def test_revocation_keeps_its_first_moment():
    """Whatever is revoked twice ended when it was revoked first."""
    clock = Clock()
    tenant = await demo_tenant(clock)
    application = await published(tenant)
    statement, _ = await stated(tenant, application)
    revoke = registered_applications.revoke_statement
    first = await revoke(tenant, application.id, statement.id, ACTOR)
    clock.now += 60
    assert await revoke(tenant, application.id, statement.id, ACTOR) == first
    assert await refused(revoke(tenant, application.id, statement.id, ACTOR, (1,))) is VERSION_STALE
    assert await refused(revoke(tenant, application.id, "nobody", ACTOR)) is STATEMENT_ABSENT
    ended = await registered_applications.revoke(tenant, application.id, ACTOR)
    clock.now += 60
    assert await registered_applications.revoke(tenant, application.id, ACTOR) == ended
    assert ended.revoked_at == clock.now - 60


async def test_a_draft_is_revoked_too():
    """What was never published can be ended: it does not come back."""
    tenant = await demo_tenant()
    draft = await drafted(tenant)
    assert draft.state == "draft"
    ended = await registered_applications.revoke(tenant, draft.id, ACTOR)
    assert (ended.state, ended.stands) == ("revoked", False)
