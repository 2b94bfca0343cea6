"""Simulating policies: for whom, by which application, for which API, from where, signed in how."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.tenant import AccessPolicy
from sekisho.model.user import User
from sekisho.oauth.conditions import simulated
from sekisho.oauth.conditions.simulated import Guess, Outcome
from sekisho.pages.dashboard import fields
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.problems import Problem
from sekisho.people import users
from sekisho.spec.conditional.decide import Finding
from sekisho.spec.entra import wording
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from sekisho.tenant import Tenant

KINDS: Mapping[str, Kind] = {
    "user": "text",
    "application": "text",
    "api": "text",
    "address": "text",
    "how": "text",
    "minutes": "text",
    "contexts": "text",
}
# What is said about somebody takes the right to read them, their roles, and what they use.
NEEDS = ("read:users", "read:role_members", "read:clients", "read:resource_servers")
METHODS: Mapping[str, tuple[str, ...]] = {"password": ("pwd",), "code": ("pwd", "otp", "mfa")}
OFFERED = 50
LONGEST = 600
MOST_MINUTES = 1_000_000
MOST_CONTEXTS = 20


@dataclass(frozen=True, slots=True)
class Line:
    """What one policy says."""

    policy: AccessPolicy
    found: Finding


@dataclass(frozen=True, slots=True)
class Said:
    """What it comes to, every policy, and the document that the application would get."""

    outcome: Outcome
    lines: Sequence[Line]
    document: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """Who is asked for, what there is to choose from, and what came of it; locked without the rights."""

    form: Form
    clients: Sequence[Client] = ()
    apis: Sequence[Api] = ()
    said: Said | None = None


async def tried(ask: Ask, who: Administrator, tenant: Tenant) -> Trial:
    """The form of the address, and what comes of it where it says for whom."""
    form = Form(fields.typed(ask.query, KINDS), locked=not all(map(who.may, NEEDS)))
    if form.locked:
        return Trial(form)
    clients = await tenant.store.records(Client, tenant.id, {"application": ""}, Window(limit=OFFERED))
    apis = await tenant.store.records(Api, tenant.id, {}, Window(limit=OFFERED))
    trial = Trial(form, clients, [each for each in apis if not each.is_system])
    if not form.text("user") and not form.text("application"):
        return trial
    guess, problems = await _guess(form, tenant)
    if guess is None:
        return Trial(Form(form.values, problems=problems), trial.clients, trial.apis)
    return Trial(form, trial.clients, trial.apis, await _said(guess, ask, tenant))


async def _said(guess: Guess, ask: Ask, tenant: Tenant) -> Said:
    found = await simulated.simulate(guess, ask, tenant)
    named = {each.id: each for each in tenant.policies}
    lines = [Line(named[each.id], each) for each in found.verdict.findings]
    # What holds comes first, and of that what stands in the way.
    lines.sort(key=lambda line: (bool(line.found.miss), not line.found.unmet, line.policy.name))
    return Said(found.outcome, lines, _document(wording.brief(found.refused)) if found.refused else "")


def _document(body: Mapping[str, object]) -> str:
    """A member on each line."""
    lines = (f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in body.items())
    return "{\n" + ",\n".join(lines) + "\n}"


async def _guess(form: Form, tenant: Tenant) -> tuple[Guess | None, Mapping[str, Problem]]:
    name, client, api, address = (_short(form, each) for each in ("user", "application", "api", "address"))
    user = await _user(name, tenant)
    application = await tenant.known.named(Client, tenant.id, client) if client else None
    resource = await tenant.known.named(Api, tenant.id, api) if api else None
    minutes = form.text("minutes") or "0"
    wrong = {
        "user": (user is None, Problem("policies.user_absent")),
        "application": (application is None, Problem("policies.application_absent")),
        "api": (bool(api) and resource is None, Problem("policies.api_absent")),
        "address": (bool(address) and not _is_address(address), Problem("policies.address_wrong")),
        "minutes": (not _is_number(minutes), Problem("policies.minutes_wrong")),
    }
    problems = {field: told for field, (is_wrong, told) in wrong.items() if is_wrong}
    if user is None or application is None or problems:
        return None, problems
    contexts = tuple(_short(form, "contexts").split()[:MOST_CONTEXTS])
    return Guess(
        user=user,
        client=application,
        api=resource.identifier if resource else "",
        address=address,
        amr=METHODS.get(form.text("how"), METHODS["password"]),
        age=int(minutes) * 60,
        asked=contexts,
        proved=(),
    ), {}


def _short(form: Form, name: str) -> str:
    return form.text(name)[:LONGEST].replace("\0", "")


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(MOST_MINUTES))


async def _user(name: str, tenant: Tenant) -> User | None:
    try:
        return await users.find(tenant, name) if name else None
    except Refused:
        return None
