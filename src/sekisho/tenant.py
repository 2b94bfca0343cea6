"""The tenant: the one value that every endpoint is handed, and the directory that finds it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from sekisho.events.audit import Audit
from sekisho.events.uses import UseBook
from sekisho.fetch.fetcher import Fetcher
from sekisho.keys.password import Passwords
from sekisho.keys.ring import Keys
from sekisho.keys.seal import Sealer
from sekisho.limits import Limits
from sekisho.limits.leased import Leased
from sekisho.mail.post import Post
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Lost, Step
from sekisho.model.tenant import AccessPolicy, ClaimRule, TenantRecord
from sekisho.spec.address import Addresses, Place
from sekisho.spec.claim_rule.expression import Language
from sekisho.spec.conditional.terms import Terms
from sekisho.spec.entra.place import ALIASES
from sekisho.spec.http import Ask
from sekisho.spec.policy import Policy
from sekisho.store import EVERYWHERE, Engine, Window
from sekisho.store.known import Known
from sekisho.store.upkeep import Change

MANAGEMENT_PATH = "api/v2/"
EVERY_KEY = Window(limit=1000)
MOST_RULES = 50
EVERY_RULE = Window(limit=MOST_RULES)
MOST_POLICIES = 100
EVERY_POLICY = Window(limit=MOST_POLICIES)


@dataclass(frozen=True, slots=True)
class Tools:
    """What all tenants of a process share; `limits` are exact, `leased` are for limits of requests.

    `sites` is the folder below which portals may have pages of their own; empty where none may.
    """

    store: Engine
    known: Known
    audit: Audit
    limits: Limits
    sealer: Sealer
    fetch: Fetcher
    clock: Callable[[], float]
    uses: UseBook
    leased: Leased
    passwords: Passwords = field(default_factory=Passwords)
    language: Language = field(default_factory=Language)
    sites: str = ""
    post: Post = field(default_factory=Post)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant at work: what it is, where it answers, what it signs with, and the shared tools.

    `rules` are those that are enabled, `policies` those of conditional access: known here, so that issuing
    tokens reads nothing for them.
    """

    record: TenantRecord
    addresses: Addresses
    keys: Keys
    tools: Tools
    rules: tuple[ClaimRule, ...] = ()
    policies: tuple[AccessPolicy, ...] = ()

    @property
    def id(self) -> str:
        """The GUID."""
        return self.record.id

    @property
    def policy(self) -> Policy:
        """What the tenant decided."""
        return self.record.policy

    @property
    def store(self) -> Engine:
        """Where things are kept."""
        return self.tools.store

    @property
    def known(self) -> Known:
        """Configuration, from memory."""
        return self.tools.known

    @property
    def audit(self) -> Audit:
        """Where events go."""
        return self.tools.audit

    @property
    def language(self) -> Language:
        """What claim rules are written in."""
        return self.tools.language

    @property
    def terms(self) -> Mapping[str, Terms]:
        """What its policies of conditional access say, by their ids."""
        return {each.id: each.terms for each in self.policies}

    def now(self) -> float:
        """The time."""
        return self.tools.clock()

    def issuer(self, ask: Ask) -> str:
        """Who answers this request, as tokens and metadata name it."""
        return f"{ask.root}/"

    def accepts(self, issuer: str) -> bool:
        """A token of a tenant is good at every address of that tenant, and nowhere else."""
        return self.addresses.tenant_of(issuer) == self.id

    def issues(self, issuer: str) -> bool:
        """It is this tenant's issuer in Entra's words, at an address of its own."""
        return self.addresses.directory(issuer) == self.id

    def goes_by(self, name: str) -> bool:
        """An Entra-style path means this tenant: by slug, GUID, domain, or the alias for any."""
        own = (self.id, self.record.slug, *self.record.domains, *ALIASES)
        return name.casefold() in own

    def is_management(self, audience: str) -> bool:
        """The audience is this tenant's management API, at whichever address."""
        return audience.endswith(f"/{MANAGEMENT_PATH}") and self.accepts(
            audience.removesuffix(MANAGEMENT_PATH)
        )

    async def able(self, ring: str, alg: str) -> Self:
        """The tenant with a key for an algorithm, which another process may have made a moment ago."""
        if self.keys.signs(ring, alg):
            return self
        records = await self.store.records(SigningKey, self.id, {}, EVERY_KEY)
        return replace(self, keys=Keys.of(records, self.tools.sealer))

    async def change(self, *steps: Step) -> Lost | None:
        """Write configuration: this process believes the new values before anybody is answered."""
        lost = await self.store.write(*steps)
        if lost is None:
            await self.known.written(steps)
        return lost


class Directory:
    """All tenants of this installation, followed as they change; it answers while the store is away."""

    def __init__(self, tools: Tools, origin: str, *, development: bool) -> None:
        self._tools = tools
        self._tenants: Mapping[str, Tenant] = {}
        self.addresses = Addresses(origin, development=development)
        tools.known.listen(self._follow)

    async def load(self) -> None:
        """Read every tenant and its keys."""
        found: list[TenantRecord] = []
        window = Window(limit=500)
        while batch := await self._tools.store.records(TenantRecord, EVERYWHERE, {}, window):
            found += batch
            window = Window(limit=500, after=batch[-1].id)
        self.addresses = self._addresses(found)
        self._tenants = {record.id: await self._compose(record) for record in found}

    def find(self, place: Place) -> Tenant:
        """The tenant of a place that `addresses` located."""
        return self._tenants[place.tenant]

    def named(self, slug: str) -> Tenant | None:
        """The tenant with this slug; the default one for an empty slug."""
        id = self.addresses.slugs.get(slug) if slug else self.addresses.default
        return self._tenants.get(id) if id else None

    def all(self) -> Iterable[Tenant]:
        """Every tenant."""
        return self._tenants.values()

    async def _compose(self, record: TenantRecord) -> Tenant:
        keys = await self._tools.store.records(SigningKey, record.id, {}, EVERY_KEY)
        rules, policies = await self._rules(record.id), await self._policies(record.id)
        return Tenant(record, self.addresses, Keys.of(keys, self._tools.sealer), self._tools, rules, policies)

    async def _rules(self, tenant: str) -> tuple[ClaimRule, ...]:
        found = await self._tools.store.records(ClaimRule, tenant, {}, EVERY_RULE)
        return tuple(rule for rule in found if rule.enabled)

    async def _policies(self, tenant: str) -> tuple[AccessPolicy, ...]:
        return tuple(await self._tools.store.records(AccessPolicy, tenant, {}, EVERY_POLICY))

    async def _follow(self, changed: tuple[Change, ...] | None) -> None:
        if changed is None or any(change.kind in ("tenant", "signing_key") for change in changed):
            await self.load()
            return
        for id in {change.tenant for change in changed if change.kind == "claim_rule"}:
            rules = await self._rules(id)
            if id in self._tenants:
                self._tenants = {**self._tenants, id: replace(self._tenants[id], rules=rules)}
        for id in {change.tenant for change in changed if change.kind == "access_policy"}:
            policies = await self._policies(id)
            if id in self._tenants:
                self._tenants = {**self._tenants, id: replace(self._tenants[id], policies=policies)}

    def _addresses(self, found: list[TenantRecord]) -> Addresses:
        return Addresses(
            self.addresses.origin,
            owners={domain: record.id for record in found for domain in record.domains},
            slugs={record.slug: record.id for record in found},
            default=next((record.id for record in found if record.default), None),
            development=self.addresses.development,
        )
