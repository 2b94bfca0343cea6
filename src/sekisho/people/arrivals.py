"""People who come from another server, as Auth0 hands them over: user import, export of users, of hashes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from sekisho.change.actor import Actor
from sekisho.change.fields import creation
from sekisho.keys import password_hash
from sekisho.model.connection import DATABASE
from sekisho.model.user import User
from sekisho.people import users
from sekisho.people.imported_hashes import CustomHash, kept
from sekisho.people.user_fields import UserFields
from sekisho.spec.metadata import problem
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import HASH_UNSUPPORTED
from sekisho.tenant import Tenant

PREFIX = f"{users.DATABASE}|"
# What an export tells that is the other server's history, or is said in another place.
HISTORY = frozenset((
    *("_id", "alt_id", "_tmp_is_unique", "tenant", "connection", "identities", "identifiers"),
    *("created_at", "updated_at", "last_login", "last_ip", "logins_count", "last_password_reset"),
    *("password_set_date", "multifactor", "multifactor_last_modified", "mfa_factors"),
))  # fmt: skip
HASHES = ("passwordHash", "password_hash", "custom_password_hash")
MARKS: Mapping[str, str] = {"email": "email_verified", "phone_number": "phone_number_verified"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody, and the hash of their password where it came along."""

    fields: UserFields
    hash: str | None


def name_of(told: Mapping[str, Any]) -> str:
    """What the lines about one person have in common: the id without its connection's prefix."""
    found = told.get("user_id") or told.get("alt_id") or _id(told)
    return str(found or "").removeprefix(PREFIX)


def read(told: Mapping[str, Any]) -> Arrival:
    """Who it is, in our words; Refused for what would be lost on the way."""
    own = {name: value for name, value in told.items() if name not in (*HISTORY, *HASHES)}
    own |= {name: value for name, value in _identified(told).items() if own.get(name) is None}
    name = name_of(told)
    if "|" in name:
        raise problem("user_id", "This person signs in elsewhere, and has no password to bring along")
    named = {"user_id": name} if name else {}
    return Arrival(creation({**own, **named, "connection": DATABASE}, UserFields), _hash(told))


async def arrive(told: Mapping[str, Any], actor: Actor, tenant: Tenant) -> bool:
    """Whether somebody came; who is here already stays as they are."""
    arrival, name = read(told), name_of(told)
    if name and await tenant.store.named(User, tenant.id, f"{PREFIX}{name}"):
        return False
    await users.create(tenant, arrival.fields, actor, arrival.hash)
    return True


def _hash(told: Mapping[str, Any]) -> str | None:
    text = told.get("passwordHash") or told.get("password_hash")
    if isinstance(text, str):
        password_hash.read(text)
        return text
    custom = told.get("custom_password_hash")
    if custom is None:
        return None
    try:
        return kept(msgspec.convert(custom, CustomHash))
    except msgspec.ValidationError as error:
        raise Refused(HASH_UNSUPPORTED, debug=str(error)) from error


def _id(told: Mapping[str, Any]) -> object:
    within = told.get("_id")
    return within.get("$oid") if isinstance(within, Mapping) else within


def _identified(told: Mapping[str, Any]) -> dict[str, object]:
    """What an export of hashes says in a list of its own."""
    found: dict[str, object] = {}
    listed = told.get("identifiers")
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, Mapping) and each.get("type") in ("email", "username", "phone_number"):
            found[each["type"]] = each.get("value")
            if each["type"] in MARKS and "verified" in each:
                found[MARKS[each["type"]]] = each["verified"]
    return found
