"""What is said about a user: every claim that there is, and what applications keep with it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from sekisho.model.user import User
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.rooms.users import one, wording
from sekisho.pages.dashboard.rooms.users.one import Subject
from sekisho.people import users
from sekisho.people.user_fields import METADATA, Address, UserFields
from sekisho.spec import document, metadata
from sekisho.spec.http import Answer, Ask, Pairs
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from sekisho.tenant import Tenant

LOGINS = ("email", "username", "phone_number")
CLAIMS = (
    *("name", "nickname", "given_name", "middle_name", "family_name", "preferred_username"),
    *("profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale"),
)
VERIFIED = ("email_verified", "phone_number_verified")
ADDRESS = tuple(f"address.{part}" for part in Address.__struct_fields__)
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys((*LOGINS, *CLAIMS, *ADDRESS, *METADATA), "text"),
    **dict.fromkeys(VERIFIED, "switch"),
}
LATEST = 5  # of what they did


async def show(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """GET: as it is."""
    subject = await one.subject(ask, who, tenant)
    return await _page(_form(subject, who), subject, (ask, who, tenant))


async def save(ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
    """POST: as it shall be."""
    subject = await one.changeable(ask, who, tenant)
    user, said, form = subject.user, _said(subject.user), _plain(ask.form)
    # What was looked at is what is changed: whoever rose meanwhile is not.
    at = (user.version,) if fields.version(form) == user.version else (0,)
    try:
        await users.change(tenant, user.id, _asked(form, user), who.actor(ask), at)
    except Refused as refused:
        again = wording.again(refused, form, KINDS, said, user.version)
        return frame.refused(await _page(again, subject, (ask, who, tenant)), refused)
    return frame.done("saved", subject.path, ask)


def _form(subject: Subject, who: Administrator) -> Form:
    locked = subject.above or not who.may("update:users")
    return fields.shown(_said(subject.user), subject.user.version, locked=locked)


def _said(user: User) -> Mapping[str, Any]:
    address = user.claims.get("address")
    parts: Mapping[str, object] = address if isinstance(address, dict) else {}
    return {
        **{name: str(user.claims.get(name, "")) for name in ("email", "phone_number", *CLAIMS)},
        **{name: user.claims.get(name) is True for name in VERIFIED},
        **{name: str(parts.get(name.partition(".")[2], "")) for name in ADDRESS},
        **{name: _pretty(getattr(user, name)) for name in METADATA},
        "username": user.username,
    }


def _pretty(members: Mapping[str, object]) -> str:
    return msgspec.json.format(msgspec.json.encode(members)).decode() if members else ""


def _plain(form: Pairs) -> Pairs:
    """Lines end as they do here: what nobody changed is not sent back differently."""
    return tuple((name, value.replace("\r\n", "\n")) for name, value in form)


def _asked(form: Pairs, user: User) -> UserFields:
    """What is new about them; an address is one value, and members of metadata that are gone are null."""
    typed, said = fields.typed(form, KINDS), _said(user)
    told = {name: value for name, value in typed.items() if (value or "") != (said[name] or "")}
    if any(name in told for name in ADDRESS):
        told = {name: value for name, value in told.items() if name not in ADDRESS}
        parts = {name.partition(".")[2]: typed[name] for name in ADDRESS if typed[name]}
        told["address"] = parts or None
    for name in METADATA:
        if name in told:
            told[name] = _members(name, told[name] or "{}", getattr(user, name))
    return fields.converted(told, UserFields)


def _members(name: str, text: str, old: Mapping[str, object]) -> dict[str, object]:
    try:
        new = document.parse(text.encode())
    except Refused as error:
        raise metadata.problem(name, "Has to be a JSON object") from error
    return {**dict.fromkeys(old, None), **new}


async def _page(form: Form, subject: Subject, visit: frame.Visit) -> Answer:
    _, who, tenant = visit
    mine = {"user": subject.user.user_id}
    seen = await tenant.store.events(tenant.id, mine, Window(limit=LATEST)) if who.may("read:logs") else []
    return one.page("user_profile", {"form": form, "events": seen}, subject, visit)
