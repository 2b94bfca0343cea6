"""Tenants with policies of conditional access, and people who step up: what those tests start from."""

import dataclasses
import uuid
from typing import Any

from sekisho.model.event import Event
from sekisho.model.tenant import AccessPolicy
from sekisho.oauth import flows
from sekisho.people import sessions, users
from sekisho.people.factors import totp
from sekisho.people.second_factor import proving
from sekisho.spec.conditional.terms import ALL, Terms, Which
from sekisho.spec.http import Answer
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.second_factors import BY, code, enrolled
from tests.tenants import TENANT
from tests.visitor import Browser, person

MFA = ("pwd", "otp", "mfa")


def only(*names: str, but: tuple[str, ...] = ()) -> Which:
    """These, and not those."""
    return Which(include=names, exclude=but)


def but(*names: str) -> Which:
    """Everything else."""
    return Which(include=(ALL,), exclude=names)


def guid(name: str) -> str:
    """The id of a policy of this name."""
    return str(uuid.uuid5(uuid.UUID(TENANT), name))


def policed(tenant: Tenant, **policies: Terms) -> Tenant:
    """The tenant with these policies, by their names."""
    made = tuple(
        AccessPolicy(tenant=TENANT, id=guid(name), name=name, terms=policies[name]) for name in policies
    )
    return dataclasses.replace(tenant, policies=made)


def rule(**terms: Any) -> Terms:
    """A policy for everybody and everything, unless it says otherwise."""
    return Terms(**terms)


async def proves(browser: Browser, answer: Answer) -> Answer:
    """The page for the second factor did its part: somebody set one up, and shows it."""
    here, tenant = browser.page(answer), browser.tenant
    way = await flows.found(here, tenant)
    session = await sessions.current(here, tenant)
    assert session
    secret, _ = await enrolled(tenant, await users.find(tenant, person().id))
    user = await users.find(tenant, person().id)
    proof = await proving.prove(tenant, user, totp.KIND, code(secret, tenant), BY)
    begun = sessions.stepped(user, session, proof.amr, here, tenant)
    return await browser.resumes(await flows.proved(way, begun, proof, here, tenant))


async def happened(tenant: Tenant, slug: str) -> list[Event]:
    """What the audit knows of it."""
    await tenant.audit.flush()
    return await tenant.store.events(tenant.id, {"slug": slug}, Window(limit=100))


async def told_of(tenant: Tenant, slug: str) -> list[tuple[object, object]]:
    """Which policies it was about, and what they demanded, the newest first."""
    return [(event.detail["policy"], event.detail["unmet"]) for event in await happened(tenant, slug)]
