"""A policy as its form shows it, and what was wrong with it at the field that it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sekisho.model.tenant import AccessPolicy
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.fields import Form, Kind
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.pages.dashboard.problems import Problem
from sekisho.pages.dashboard.rooms.policies import told
from sekisho.people import users
from sekisho.registry.access_policies import policies
from sekisho.registry.access_policies.fields import AccessPolicyFields
from sekisho.spec import metadata
from sekisho.spec.conditional.terms import ALL, Which
from sekisho.spec.http import Answer, Ask, Pairs
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant

ROOM = "/policies"
MINUTE = 60
KINDS: Mapping[str, Kind] = {
    "name": "text",
    "state": "text",
    **dict.fromkeys(("users", "but_users"), "lines"),
    **dict.fromkeys(("groups", "but_groups"), "ticks"),
    **dict.fromkeys(("apis", "but_apis", "clients", "but_clients"), "lines"),
    **dict.fromkeys(("networks", "but_networks", "contexts"), "lines"),
    **dict.fromkeys(("block", "second_factor"), "switch"),
    "minutes": "number",
    "context": "text",
}
# What is watched before it holds refuses nobody by mistake.
BLANK: Mapping[str, Any] = {
    "state": "enabledForReportingButNotEnforced",
    **dict.fromkeys(("groups", "but_groups"), ()),
    **dict.fromkeys(("block", "second_factor"), False),
}
# The field of a form, by where a rule says that something is wrong.
AT: Mapping[str, str] = {
    "name": "name",
    "displayName": "name",
    "state": "state",
    "conditions.users.includeUsers": "users",
    "conditions.users.excludeUsers": "but_users",
    "conditions.users.includeGroups": "groups",
    "conditions.users.excludeGroups": "but_groups",
    "conditions.applications.includeApplications": "apis",
    "conditions.applications.excludeApplications": "but_apis",
    "conditions.applications.includeAuthenticationContextClassReferences": "contexts",
    "conditions.clientApplications.includeServicePrincipals": "clients",
    "conditions.clientApplications.excludeServicePrincipals": "but_clients",
    "conditions.locations.includeLocations": "networks",
    "conditions.locations.excludeLocations": "but_networks",
    "grantControls.builtInControls": "block",
    "grantControls.authenticationContext": "context",
    "sessionControls.signInFrequency.value": "minutes",
}


async def named(ask: Ask, tenant: Tenant) -> AccessPolicy:
    """The policy that the address names."""
    return await policies.find(tenant, ask.names["policy"])


def path(policy: AccessPolicy) -> str:
    """Where its page is."""
    return f"{ROOM}/{frame.segment(policy.id)}"


async def said(policy: AccessPolicy, tenant: Tenant) -> Mapping[str, Any]:
    """What it says, by the names of fields; everything is what nothing is written for."""
    terms = policy.terms
    whom = Which(include=_written(terms.users), exclude=terms.users.exclude)
    return {
        "name": policy.name,
        "state": terms.state,
        "users": [await told.person(each, tenant) for each in whom.include],
        "but_users": [await told.person(each, tenant) for each in whom.exclude],
        "groups": list(terms.groups.include),
        "but_groups": list(terms.groups.exclude),
        "apis": _written(terms.apis),
        "but_apis": list(terms.apis.exclude),
        "clients": _written(terms.clients),
        "but_clients": list(terms.clients.exclude),
        "networks": _written(terms.networks),
        "but_networks": list(terms.networks.exclude),
        "contexts": list(terms.contexts),
        "block": terms.block,
        "second_factor": terms.second_factor,
        "minutes": terms.max_age // MINUTE if terms.max_age else None,
        "context": terms.context,
    }


def _written(which: Which) -> tuple[str, ...]:
    return () if ALL in which.include else which.include


async def asked(form: Pairs, tenant: Tenant) -> AccessPolicyFields:
    """What was typed, as the verb takes it."""
    typed = fields.typed(form, KINDS)
    whom = await _people("users", typed["users"], tenant)
    names = {
        "conditions.users.includeUsers": whom or ([] if typed["groups"] else [ALL]),
        "conditions.users.excludeUsers": await _people("but_users", typed["but_users"], tenant),
    }
    plain = {place: typed[field] for place, field in AT.items() if place.startswith("conditions.")}
    controls = [each for each, is_on in (("block", typed["block"]), ("mfa", typed["second_factor"])) if is_on]
    often = {"value": typed["minutes"], "type": "minutes"} if typed["minutes"] is not None else None
    values = {
        **plain,
        **names,
        "displayName": typed["name"],
        "state": typed["state"],
        "grantControls.builtInControls": controls,
        "grantControls.authenticationContext": typed["context"],
        "sessionControls.signInFrequency": often,
    }
    return fields.converted(values, AccessPolicyFields)


async def _people(field: str, typed: Sequence[str], tenant: Tenant) -> list[str]:
    """By address, name, user id or GUID; kept by the GUID."""
    found = []
    for name in typed:
        try:
            found.append(ALL if name == ALL else (await users.find(tenant, name.replace("\0", ""))).id)
        except Refused as refused:
            raise metadata.problem(field, f"There is no such thing: {name[:128]}") from refused
    return found


def again(refused: Refused, form: Pairs, there: Mapping[str, Any], current: int) -> Form:
    """The form as it was sent; `current` is the version of what stands `there` now."""
    found = fields.again(refused, form, KINDS, there, current)
    problems = {AT.get(place, place): problem for place, problem in found.problems.items()}
    known: dict[str, Problem] = {
        (place if place in KINDS else ""): problem for place, problem in problems.items()
    }
    return replace(found, problems=known)


async def page(form: Form, policy: AccessPolicy | None, visit: Visit) -> Answer:
    """One policy, or one that is none yet."""
    _, _, tenant = visit
    here = Crumb(policy.name, is_key=False) if policy else Crumb("policies.create")
    context = {
        "form": form,
        "policy": policy,
        "roles": list((await told.roles_of(tenant)).items()),
        "at": path(policy) if policy else f"{ROOM}/new",
    }
    return frame.page("policy", context, (Crumb("dash.policies", ROOM), here), visit)
