"""What an application says, in the words in which its verbs are told: Graph's."""

from collections.abc import Mapping, Sequence
from typing import Any

from sekisho.model.api import Api, AppRole, PreAuthorized, Scope
from sekisho.model.client import Client, OptionalClaim, Required
from sekisho.pages.dashboard import fields, head
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.problems import Problem
from sekisho.registry.applications import verbs
from sekisho.registry.applications.fields import EntraApplicationFields
from sekisho.registry.applications.verbs import Application, Meant
from sekisho.spec.http import Answer, Ask
from sekisho.tenant import Tenant

Told = Mapping[str, Any]


async def found(ask: Ask, tenant: Tenant) -> Application:
    """The application of this address, for whoever looks."""
    return await verbs.find(tenant, ask.names["client_id"])


async def opened(ask: Ask, who: Administrator, tenant: Tenant) -> Application:
    """The same, for somebody who may do all that it may."""
    await head.open_one(ask, who, tenant)
    return await found(ask, tenant)
