"""Which tenant a path of the face means, and at which address its endpoints are told."""

from dataclasses import dataclass

from sekisho.spec.browser.csrf import origin_of
from sekisho.spec.contrast import contrast
from sekisho.spec.entra.place import ALIASES
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import DIRECTORY_ABSENT
from sekisho.tenant import Tenant

# In the place of a tenant where one address stands for any: clients put the token's `tid` there.
ANY = "{tenantid}"
SEGMENT = "t"


@dataclass(frozen=True, slots=True)
class Here:
    """An address of the face: its origin, and the tenant's name in the paths below it."""

    origin: str
    tenant: str
    is_alias: bool

    @property
    def endpoints(self) -> str:
        """What the paths of the tenant's endpoints begin with."""
        return f"{self.origin}/{self.tenant}"

    @property
    def issuers(self) -> str:
        """What its issuers begin with."""
        return f"{self.origin}/{ANY}" if self.is_alias else self.endpoints


def tenant_of_path(ask: Ask, tenant: Tenant) -> None:
    """The path names this tenant; nobody's personal account is here, so `consumers` names none."""
    name = ask.names.get(SEGMENT, "")
    if not tenant.goes_by(name):
        seen = contrast("tenant", tenant.record.slug, name)
        raise Refused(DIRECTORY_ABSENT, words={"name": name[:64]}, seen=seen)


def is_alias(ask: Ask) -> bool:
    """The path leaves open which tenant it is: it is the one whose host this is."""
    return ask.names.get(SEGMENT, "").casefold() in ALIASES


def here(ask: Ask, tenant: Tenant) -> Here:
    """The tenant's GUID, however the path calls it; an alias stays one, except below another prefix."""
    origin = origin_of(ask.root)
    as_alias = is_alias(ask) and origin == ask.root
    name = ask.names[SEGMENT].casefold() if as_alias else tenant.id
    return Here(origin, name, as_alias)
