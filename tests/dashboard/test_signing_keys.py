"""Signing keys: what signs, what will, what did; rotation and revocation behind a question."""

import pytest
from msgspec.structs import replace

from sekisho.keys.rotation import JWKS_MAX_AGE, LONGEST_LIFETIME, OVERDUE, Ring, born
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Save
from sekisho.pages.dashboard.administrator import RECENT
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.rooms.signing_keys import seen
from sekisho.people import permissions
from sekisho.registry import keys
from sekisho.registry.portal import signing
from sekisho.spec.refusal import NOT_FOUND, Refused
from sekisho.spec.refusals.management import KEY_ABSENT
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED
from tests.dashboard.desk import AtDesk, at_desk, shown
from tests.tenants import NOW, Clock

PATH = "/signing-keys"
ALG = "ES256"


async def with_next(clock: Clock | None = None, rank: str = "Owner") -> AtDesk:
    """A tenant whose ES256 keys can rotate as soon as everybody can have seen the next one."""
    desk = await at_desk(rank, clock)
    ring = Ring(desk.tenant.id, "demo", keys.TOKENS)
    coming = born(ring, ALG, "next", desk.tenant.tools.sealer, NOW - JWKS_MAX_AGE)
    assert await desk.tenant.change(Save(coming)) is None
    return desk


async def of(desk: AtDesk, state: str) -> SigningKey:
    """The ES256 key of this state."""
    found = [each for each in await keys.listed(desk.tenant) if (each.alg, each.state) == (ALG, state)]
    return found[0]


async def test_keys_are_shown_ring_by_ring() -> None:
    """Every key with its algorithm, its state and its name; the address of the key set; pinned ones apart."""
    desk = await with_next()
    await signing.current(desk.tenant, desk.actor_of(desk.user))
    text = await desk.text(PATH)
    for record in (*await keys.listed(desk.tenant), *await keys.listed(desk.tenant, keys.PORTAL)):
        assert f'id="kid-{record.id}"' in text
    assert "https://id.example.com/.well-known/jwks.json" in text
    assert f'href="/dashboard{PATH}/rotate/ES256"' in text
    # Nothing to rotate to.
    assert f'href="/dashboard{PATH}/rotate/EdDSA"' not in text


async def test_a_key_rotates() -> None:
    """The question names both keys; then the next one signs, and the old one says until when it stays."""
    desk = await with_next()
    old, coming = await of(desk, "current"), await of(desk, "next")
    question = await desk.text(f"{PATH}/rotate/ES256")
    assert old.id in question
    assert coming.id in question
    assert 'name="force"' not in question
    answer = await desk.fills(f"{PATH}/rotate/ES256")
    assert (answer.status, dict(answer.headers)["location"].partition("?")[2]) == (303, "done=key_rotated")
    assert ((await of(desk, "current")).id, (await of(desk, "retired")).id) == (coming.id, old.id)
    assert seen.until(await of(desk, "retired")) == NOW + LONGEST_LIFETIME
    event = (await desk.happened())[-1]
    assert (event.slug, event.user, event.detail["forced"]) == ("key_rotated", desk.user.user_id, False)


async def test_a_key_that_nobody_has_seen_waits_unless_somebody_insists() -> None:
    """Just after a rotation the next one is too new; the page says until when, and offers to insist."""
    desk = await with_next()
    assert (await desk.fills(f"{PATH}/rotate/ES256")).status == 303
    before = await of(desk, "next")
    assert 'name="force"' in await desk.text(f"{PATH}/rotate/ES256")
    answer = await desk.fills(f"{PATH}/rotate/ES256")
    form = shown(answer)["form"]
    assert isinstance(form, Form)
    assert (answer.status, form.problems[""].key) == (409, "why.key_bound.title")
    assert (await of(desk, "next")).id == before.id
    assert (await desk.fills(f"{PATH}/rotate/ES256", force="on")).status == 303
    assert (await of(desk, "current")).id == before.id


async def test_a_retired_key_is_revoked() -> None:
    """It says what ends; a key that signs cannot be revoked, and says why."""
    desk = await with_next()
    signs = await of(desk, "current")
    assert "Only a retired key" in await desk.text(f"{PATH}/revoke/{signs.id}")
    assert (await desk.fills(f"{PATH}/revoke/{signs.id}")).status == 409
    assert (await desk.fills(f"{PATH}/rotate/ES256")).status == 303
    assert f"{PATH}/revoke/{signs.id}" in await desk.text(PATH)
    assert "All tokens that it signed" in await desk.text(f"{PATH}/revoke/{signs.id}")
    assert (await desk.fills(f"{PATH}/revoke/{signs.id}")).status == 303
    assert (await of(desk, "revoked")).id == signs.id
    assert "Revoked" in await desk.text(PATH)


async def test_a_key_that_signs_for_long_is_told() -> None:
    """After a year the page advises to rotate it."""
    desk = await with_next()
    assert "more than a year" not in await desk.text(PATH)
    record = await of(desk, "current")
    old = replace(record, current_since=NOW - OVERDUE - 1)
    assert await desk.tenant.change(Save(old)) is None
    assert "more than a year" in await desk.text(PATH)


async def test_what_is_not_there() -> None:
    """No algorithm of this name, no key of this name, and no key of a ring that stays as it is."""
    desk = await at_desk()
    _, pinned = await signing.current(desk.tenant, desk.actor_of(desk.user))
    told = {f"{PATH}/rotate/HS256": NOT_FOUND, f"{PATH}/revoke/none": KEY_ABSENT}
    for address, reason in {**told, f"{PATH}/revoke/{pinned.id}": KEY_ABSENT}.items():
        with pytest.raises(Refused) as refused:
            await desk.get(address)
        assert refused.value.reason is reason
    assert "nothing to rotate to" in await desk.text(f"{PATH}/rotate/EdDSA")


@pytest.mark.parametrize("rank", ["Editor", "Viewer"])
async def test_only_owners_change_keys(rank: str) -> None:
    """Others look, find no button, and are refused without one."""
    desk = await with_next(rank=rank)
    text = await desk.text(PATH)
    assert "/rotate/" not in text
    csrf = {"csrf": str(shown(await desk.get(PATH))["csrf"])}
    signs = await of(desk, "current")
    for address in (f"{PATH}/rotate/ES256", f"{PATH}/revoke/{signs.id}"):
        with pytest.raises(Refused) as refused:
            await desk.post(address, csrf)
        assert refused.value.reason is ADMINISTRATION_DENIED


async def test_rotation_needs_both_scopes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As at the management API: whoever may make keys and not change them rotates nothing."""
    desk = await with_next()
    scopes = frozenset({"read:signing_keys", "create:signing_keys"})

    async def some(*_: object) -> frozenset[str]:
        return scopes

    monkeypatch.setattr(permissions, "of_user", some)
    for send in (desk.get, desk.fills):
        with pytest.raises(Refused) as refused:
            await send(f"{PATH}/rotate/ES256")
        assert refused.value.reason is ADMINISTRATION_DENIED
    assert "/rotate/" not in await desk.text(PATH)


async def test_it_takes_a_recent_sign_in() -> None:
    """Ten minutes after the sign-in neither is done: the browser signs in again first."""
    clock = Clock()
    desk = await with_next(clock)
    csrf = {"csrf": str(shown(await desk.get(PATH))["csrf"])}
    clock.now += RECENT + 1
    signs = await of(desk, "current")
    for address in (f"{PATH}/rotate/ES256", f"{PATH}/revoke/{signs.id}"):
        answer = await desk.post(address, csrf)
        assert "/authorize" in dict(answer.headers)["location"]
    assert (await of(desk, "current")).id == signs.id
