"""Trying a claim rule out: for whom, what it says of them, and where that would stand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from sekisho.model.client import Client
from sekisho.model.tenant import ClaimRule
from sekisho.model.user import User
from sekisho.pages.caller import Caller, caller
from sekisho.pages.dashboard import fields
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.problems import Problem
from sekisho.pages.face import Face, face
from sekisho.people import users
from sekisho.registry.claims import trial
from sekisho.spec.http import Pairs
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED
from sekisho.store import Window
from sekisho.tenant import Tenant
from sekisho.tokens import custom
from sekisho.tokens.custom import Round

KINDS: Mapping[str, Kind] = {"user": "text", "application": "text"}
# An expression tells what a profile, its roles and an application say, so whoever asks may read all that.
NEEDS = ("read:users", "read:role_members", "read:clients")
OFFERED = 50  # applications, while one types
LONGEST = 200
# How what goes wrong begins, and the end of the key of its sentence.
WHY: Sequence[tuple[str, str]] = (
    ("NOT_FOUND", "absent"),
    ("UNKNOWN: Index error", "absent"),
    ("UNKNOWN: No matching overload", "kinds"),
    ("it says more than", "large"),
    ("it says something", "no_json"),
    ("what there is to tell", "told"),
    ("a list or an object", "told"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """What it said, as JSON; or nothing, where that is empty, and why. `places`: kind of token, verdict."""

    face: Face | None
    app: Caller
    value: str = ""
    why: str = ""
    raw: str = ""
    places: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """Who is asked for, and what was said of them once somebody tried; locked without the rights."""

    form: Form
    offered: Sequence[Caller] = ()
    said: Said | None = None


async def untried(who: Administrator, tenant: Tenant, typed: Pairs = ()) -> Trial:
    """Before anybody tried."""
    locked = not all(map(who.may, NEEDS))
    form = Form(fields.typed(typed, KINDS), locked=locked)
    return Trial(form) if locked else Trial(form, await _offered(tenant))


async def tried(rule: ClaimRule, typed: Pairs, who: Administrator, tenant: Tenant) -> Trial:
    """The rule for whoever is meant; refused where the expression could be no rule's."""
    begun = await untried(who, tenant, typed)
    if begun.form.locked:
        raise Refused(ADMINISTRATION_DENIED, debug=f"trying a rule out needs {', '.join(NEEDS)}")
    client, user, problems = await _meant(begun.form, tenant)
    if client is None or problems:
        # What is wrong with the expression is said all the same.
        tenant.language.compiled(rule.expression)
        return replace(begun, form=replace(begun.form, problems=problems))
    outcome = await trial.try_out(tenant, rule.expression, user, client)
    said = Said(face(user) if user else None, caller(client))
    if outcome.problem:
        return replace(begun, said=replace(said, why=_why(outcome.problem), raw=outcome.problem))
    if outcome.value is None:
        return replace(begun, said=said)
    value = msgspec.json.format(msgspec.json.encode(outcome.value), indent=2).decode()
    places = tuple(_places(rule, user, client, outcome.value))
    return replace(begun, said=replace(said, value=value, places=places))


def _why(problem: str) -> str:
    return next((word for begins, word in WHY if problem.startswith(begins)), "otherwise")


async def _meant(form: Form, tenant: Tenant) -> tuple[Client | None, User | None, Mapping[str, Problem]]:
    """The application and the person; nobody typed is a machine."""
    who, which = (form.text(name)[:LONGEST].replace("\0", "") for name in KINDS)
    problems: dict[str, Problem] = {}
    user = await _user(who, tenant) if who else None
    if who and user is None:
        problems["user"] = Problem("claim_rules.user_absent")
    found = await _clients(which, tenant)
    if len(found) != 1:
        problems["application"] = (
            Problem("claim_rules.application_several") if found else Problem("claim_rules.application_absent")
        )
    return (found[0] if found else None), user, problems


async def _user(name: str, tenant: Tenant) -> User | None:
    try:
        return await users.find(tenant, name)
    except Refused:
        return None


async def _clients(name: str, tenant: Tenant) -> Sequence[Client]:
    """The one with this client id; else those in whose name this is."""
    exact = await tenant.known.named(Client, tenant.id, name) if name else None
    if exact or not name:
        return (exact,) if exact else ()
    return await tenant.store.records(Client, tenant.id, {"application": "", "words": name}, Window(limit=2))


async def _offered(tenant: Tenant) -> Sequence[Caller]:
    found = await tenant.store.records(Client, tenant.id, {"application": ""}, Window(limit=OFFERED))
    return [caller(client) for client in found]


def _places(rule: ClaimRule, user: User | None, client: Client, value: object) -> Iterator[tuple[str, str]]:
    """Each kind of token that the rule is for, and whether the claim would be in it."""
    size = len(msgspec.json.encode({rule.claim: value}))
    for kind in rule.tokens:
        if user is None and kind != "access_token":
            yield kind, "person"
        elif not _takes(rule, user, client, is_ours=False):
            yield kind, "scope"
        elif size > custom.LARGEST[kind]:
            yield kind, "large"
        elif kind not in _takes(rule, user, client, is_ours=True):
            yield kind, "elsewhere"
        else:
            yield kind, "there"


def _takes(rule: ClaimRule, user: User | None, client: Client, *, is_ours: bool) -> Sequence[str]:
    asked = Round(
        client=client, user=user, scopes=trial.SCOPES, audience="", kinds=rule.tokens, is_ours=is_ours
    )
    return asked.takes(rule)
