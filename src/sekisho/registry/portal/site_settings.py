"""Site settings: what a portal is configured by, set and taken away; each change holds at once."""

import re
import uuid
from collections.abc import Collection, Mapping
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.change.unit import At, kept, land, meant
from sekisho.model.step import Erase, Save, Step
from sekisho.model.tenant import SiteSetting
from sekisho.spec.metadata import problem
from sekisho.spec.portal import cors, setting
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import VERSION_STALE
from sekisho.spec.refusals.portal import SETTING_ABSENT
from sekisho.tenant import Tenant

LONGEST_NAME, LONGEST_VALUE = 255, 20_000
# Several settings as they shall be, by name: a text, or None for the default.
Told = Mapping[str, str | None]
# The versions that such a change is meant for, by name; 0 where there is none.
Versions = Mapping[str, int]
# What an address has without its fragment: RFC 3986, section 2.
_LETTERS = re.compile(r"[!$-;=?-\[\]_a-z~]+")


async def find(tenant: Tenant, name: str) -> SiteSetting:
    """The setting of this name, however it is written."""
    found = await _found(tenant, name)
    if found is None:
        raise Refused(SETTING_ABSENT)
    return found


async def put(tenant: Tenant, name: str, value: str, actor: Actor, at: At = None) -> SiteSetting:
    """A setting has this value from now on, whether or not it was there."""
    _name_is_sound(name)
    _value_is_sound(name, value, tenant)
    note = actor.note(tenant.audit, tenant.id, "site_setting_put", {"name": name})

    async def attempt() -> tuple[SiteSetting, tuple[Step, ...]]:
        there = await _found(tenant, name)
        if there and meant(there, at).value == value:
            return there, ()
        new = _saying(tenant, there, name, value)
        return kept(new), (Save(new), note)

    return await land(tenant, attempt)


async def delete(tenant: Tenant, name: str, actor: Actor, at: At = None) -> None:
    """A setting has its default again."""
    note = actor.note(tenant.audit, tenant.id, "site_setting_deleted", {"name": name})

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        there = await _found(tenant, name)
        return None, () if there is None else (Erase(meant(there, at)), note)

    await land(tenant, attempt)


async def standing(tenant: Tenant, names: Collection[str]) -> Mapping[str, SiteSetting]:
    """Those of these names that are set."""
    found = {name: await _found(tenant, name) for name in names}
    return {name: each for name, each in found.items() if each}


async def change(tenant: Tenant, told: Told, actor: Actor, at: Versions | None = None) -> None:
    """Several settings at once: all of them, or none. What is wrong with a value is said at its name."""
    are_sound(told, tenant)

    async def attempt() -> tuple[None, tuple[Step, ...]]:
        return None, await steps(tenant, told, actor, at)

    await land(tenant, attempt)


def are_sound(told: Told, tenant: Tenant) -> None:
    """Names that can be shown, and values that the portal understands."""
    for name, value in told.items():
        _name_is_sound(name)
        try:
            _value_is_sound(name, value or "", tenant)
        except Refused as refused:
            raise problem(name, refused.words["said"]) from refused


async def steps(tenant: Tenant, told: Told, actor: Actor, at: Versions | None = None) -> tuple[Step, ...]:
    """What makes the settings say this, for the unit that wants it; what they say already takes nothing."""
    there = await standing(tenant, told)
    made: list[Step] = []
    for name, value in told.items():
        now = there.get(name)
        if at is not None and (now.version if now else 0) != at[name]:
            raise Refused(VERSION_STALE, debug=f"the site setting {name} was changed")
        if step := _step(tenant, now, name, value):
            slug = "site_setting_deleted" if value is None else "site_setting_put"
            made += (step, actor.note(tenant.audit, tenant.id, slug, {"name": name}))
    return tuple(made)


def _step(tenant: Tenant, there: SiteSetting | None, name: str, value: str | None) -> Step | None:
    if value is None:
        return Erase(there) if there else None
    return None if there and there.value == value else Save(_saying(tenant, there, name, value))


def _saying(tenant: Tenant, there: SiteSetting | None, name: str, value: str) -> SiteSetting:
    now = tenant.now()
    if there:
        return replace(there, value=value, updated_at=now)
    return SiteSetting(
        tenant=tenant.id, id=str(uuid.uuid4()), name=name, value=value, created_at=now, updated_at=now
    )


async def _found(tenant: Tenant, name: str) -> SiteSetting | None:
    sound = 0 < len(name) <= LONGEST_NAME and "\0" not in name
    return await tenant.store.named(SiteSetting, tenant.id, setting.canonical(name)) if sound else None


def _name_is_sound(name: str) -> None:
    if not name or len(name) > LONGEST_NAME or name != name.strip() or not name.isprintable():
        raise problem("name", f"has to have 1 to {LONGEST_NAME} printable characters")


def _value_is_sound(name: str, value: str, tenant: Tenant) -> None:
    if len(value) > LONGEST_VALUE or "\0" in value:
        raise problem("value", f"has to have at most {LONGEST_VALUE} characters, and no NUL")
    cors.value_is_sound(name, value)
    if setting.is_of_redirects(name):
        for uri in setting.listed(value):
            _is_of_this_portal(uri, tenant)


def _is_of_this_portal(uri: str, tenant: Tenant) -> None:
    """Answers with a token go to pages of this portal, and nowhere else."""
    split = urlsplit(uri)
    origin = f"{split.scheme}://{split.netloc}"
    below = "/".join(split.path.split("/")[:3])
    ours = tenant.accepts(f"{origin}/") or tenant.accepts(f"{origin}{below}/")
    # A browser goes up by `..`, however it is written: to another tenant of this host, for example.
    climbs = any(unquote(part) in (".", "..") for part in split.path.split("/"))
    if not ours or climbs or not _LETTERS.fullmatch(uri):
        raise problem("value", f"'{uri[:200]}' is not the address of a page of this portal")
