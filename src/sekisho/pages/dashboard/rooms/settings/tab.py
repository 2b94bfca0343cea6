"""A tab of the settings: a form over what the tenant decided, saved in one go."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sekisho.model.client import Client
from sekisho.pages.dashboard import fields, frame
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.fields import Form, Kinds
from sekisho.pages.dashboard.frame import Crumb, Visit
from sekisho.registry import tenants
from sekisho.registry.tenant_fields import TenantFields
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Tab:
    """Its name in path, template and texts; its fields; what stands in them; which of them are locked."""

    name: str
    kinds: Kinds
    said: Callable[[Policy], Mapping[str, Any]]
    locked: Callable[[Policy], Collection[str]] = lambda _: ()

    @property
    def path(self) -> str:
        """Where it is, below /dashboard."""
        return f"/settings/{self.name}"

    async def show(self, ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
        """GET: as it is."""
        record = await tenants.current(tenant)
        may = who.may("update:tenant_settings")
        form = fields.shown(self.said(record.policy), record.version, locked=not may)
        return await self._page(form, record.policy, (ask, who, tenant))

    async def save(self, ask: Ask, who: Administrator, tenant: Tenant) -> Answer:
        """POST: as it shall be."""
        record = await tenants.current(tenant)
        policy, said = record.policy, self.said(record.policy)
        # What is locked is not sent.
        kinds = {name: kind for name, kind in self.kinds.items() if name not in self.locked(policy)}
        try:
            asked = fields.asked(ask.form, kinds, said, TenantFields)
            await tenants.change(tenant, asked, who.actor(ask), fields.at(ask.form))
        except Refused as refused:
            form = fields.again(refused, ask.form, kinds, said, record.version)
            return frame.refused(await self._page(form, policy, (ask, who, tenant)), refused)
        return frame.done("saved", self.path, ask)

    async def _page(self, form: Form, policy: Policy, visit: Visit) -> Answer:
        tenant = visit[2]
        context = {
            "form": form,
            "policy": policy,
            "clients": await tenant.store.count(Client, tenant.id, {}),
        }
        crumbs = (Crumb("dash.settings", "/settings"), Crumb(f"settings.{self.name}"))
        return frame.page(f"settings_{self.name}", context, crumbs, visit)


def own(kinds: Kinds, policy: Policy) -> dict[str, Any]:
    """The fields that the policy calls by the same names."""
    return {name: getattr(policy, name) for name in kinds if hasattr(policy, name)}
