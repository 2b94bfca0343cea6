"""Several site settings in one form: what stands there, and one number that moves with any of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256

from sekisho.model.tenant import SiteSetting
from sekisho.pages.dashboard import fields
from sekisho.registry.portal import site_settings
from sekisho.spec.http import Pairs
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import VERSION_STALE
from sekisho.tenant import Tenant

MANY = 10**15


@dataclass(frozen=True, slots=True)
class Standing:
    """The settings that a form is about, as they are; those that are not set are absent."""

    names: Collection[str]
    found: Mapping[str, SiteSetting]

    @property
    def versions(self) -> Mapping[str, int]:
        """What a change is meant for, as the verb takes it."""
        return {name: self.found[name].version if name in self.found else 0 for name in self.names}

    @property
    def version(self) -> int:
        """What the form says that it was filled in for: another number as soon as one of them changes."""
        told = "\n".join(f"{each.id} {each.version}" for each in self.found.values())
        return int(sha256(told.encode()).hexdigest(), 16) % MANY

    def value(self, name: str) -> str | None:
        """What a setting says; None where it is not set."""
        return self.found[name].value if name in self.found else None

    def is_meant(self, form: Pairs) -> None:
        """The form was filled in for what stands here."""
        if fields.version(form) != self.version:
            raise Refused(VERSION_STALE, debug="site settings were changed meanwhile")


async def standing(tenant: Tenant, names: Collection[str]) -> Standing:
    """The settings of these names."""
    return Standing(names, await site_settings.standing(tenant, names))
