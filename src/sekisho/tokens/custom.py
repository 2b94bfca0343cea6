"""A tenant's own claims: its rules, evaluated once for everything that is issued together."""

import time
from collections.abc import Collection, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from sekisho.change import facts
from sekisho.model.api import ENTRA
from sekisho.model.bearer import Bearer
from sekisho.model.client import Client
from sekisho.model.granted import Granted
from sekisho.model.tenant import ClaimRule
from sekisho.model.user import User
from sekisho.spec import claims
from sekisho.spec.claim_rule import expression, names
from sekisho.spec.claim_rule.expression import Unresolved
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.claims import CLAIM_LEFT_OUT
from sekisho.tenant import Tenant

Claims = Mapping[str, object]

# In all, as JSON. An access token has to fit into a header, and is read back by us.
LARGEST: Mapping[str, int] = {"id_token": 100 * 1024, "userinfo": 100 * 1024, "access_token": 8 * 1024}
# Each rule is bounded by itself (spec/claim_rule/cost.py); together they have so many seconds of the
# processor: of the clock, a busy machine would leave claims out.
LONGEST = 0.05
_JWT = frozenset(("access_token", "rfc9068_profile", *ENTRA))
_NONE: Mapping[str, object] = {}


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What is issued together: for whom, to whom, and in which kinds of token.

    `is_ours`: the API is one of the server's, whose tokens have no plain names of a tenant.
    """

    client: Client
    user: User | None
    scopes: tuple[str, ...]
    audience: str
    grant_type: str | None = None
    kinds: Collection[str]
    is_ours: bool = False

    @property
    def request(self) -> Claims:
        """What was asked for, as rules see it."""
        return {"scopes": self.scopes, "audience": self.audience, "grant_type": self.grant_type}

    def takes(self, rule: ClaimRule) -> tuple[str, ...]:
        """The kinds that a claim goes into: a standard one where a scope asks, a reserved one nowhere."""
        name = rule.claim
        is_asked = not names.is_standard(name) or bool(claims.of_scopes({name: True}, self.scopes))
        if not is_asked or names.is_reserved(name):
            return ()
        kept = ("access_token",) if self.is_ours and not names.is_namespaced(name) else ()
        return tuple(kind for kind in rule.tokens if kind in self.kinds and kind not in kept)


async def told(granted: Granted, tenant: Tenant) -> Granted:
    """The decision, with what the tenant's rules add to its tokens."""
    api, is_person = granted.api, granted.user is not None and granted.sign_in is not None
    given = (("access_token", api.dialect in _JWT), ("id_token", is_person))
    asked = Round(
        client=granted.client,
        user=granted.user,
        scopes=granted.scopes,
        audience=granted.audience,
        grant_type=granted.grant_type,
        kinds=[kind for kind, is_given in given if is_given],
        is_ours=api.is_system,
    )
    return replace(granted, custom=await _found(asked, tenant))


async def of_userinfo(user: User, bearer: Bearer, tenant: Tenant) -> Claims:
    """What they add to the answer of /userinfo."""
    client = await tenant.known.named(Client, tenant.id, bearer.client_id)
    if client is None:
        return _NONE
    audience = bearer.audience[0] if bearer.audience else ""
    asked = Round(client=client, user=user, scopes=bearer.scopes, audience=audience, kinds=("userinfo",))
    return (await _found(asked, tenant)).get("userinfo", _NONE)


async def _found(asked: Round, tenant: Tenant) -> Mapping[str, Claims]:
    """What goes into each kind of token; what cannot be said is left out, and the audit knows why."""
    rules = [rule for rule in tenant.rules if asked.takes(rule)]
    found: dict[str, dict[str, object]] = {kind: {} for kind in asked.kinds}
    room = dict(LARGEST)
    if not rules:
        return found
    person = await facts.of_user(asked.user, tenant) if asked.user else None
    for rule, value in _values(rules, person, asked, tenant):
        size = len(msgspec.json.encode({rule.claim: value}))
        for kind in asked.takes(rule):
            if size <= room[kind]:
                room[kind] -= size
                found[kind][rule.claim] = value
            else:
                _left_out(rule.claim, f"claims of rules would be over {LARGEST[kind]} bytes", asked, tenant)
    return found


def _values(
    rules: list[ClaimRule], person: Claims | None, asked: Round, tenant: Tenant
) -> Iterator[tuple[ClaimRule, object]]:
    """What each rule says, where it says anything, for as long as there is time."""
    try:
        known = tenant.language.told(person, facts.of_client(asked.client), asked.request)
    except Unresolved as unresolved:
        _left_out("", str(unresolved), asked, tenant)
        return
    ends = time.thread_time() + LONGEST
    for rule in rules:
        if time.thread_time() > ends:
            _left_out(rule.claim, "the rules before it took too long", asked, tenant)
            return
        try:
            value = expression.value(tenant.language.compiled(rule.expression), known)
        except (Unresolved, Refused) as why:
            _left_out(rule.claim, str(why), asked, tenant)
        else:
            if value is not None:
                yield rule, value


def _left_out(claim: str, why: str, asked: Round, tenant: Tenant) -> None:
    """An event, of which there are only so many in a minute; the token is given."""
    refused = Refused(CLAIM_LEFT_OUT, debug=f"{claim or 'all claims of rules'}: {why}")
    user = asked.user.user_id if asked.user else None
    tenant.audit.refused(tenant.id, refused, client=asked.client.client_id, user=user)
