"""Which resource scopes mean, and which of its permissions."""

from collections.abc import Iterable
from dataclasses import dataclass

from sekisho.model.api import ENTRA, Api
from sekisho.model.client import Client
from sekisho.oauth import whose
from sekisho.spec.contrast import contrast
from sekisho.spec.entra import scope
from sekisho.spec.entra.scope import GRAPH, Qualified
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import RESOURCE_ABSENT, RESOURCE_MANY, RESOURCE_SCOPE_UNKNOWN
from sekisho.tenant import Tenant

LONGEST = 600


@dataclass(frozen=True, slots=True)
class Wanted:
    """One resource, as it was called and as it is known, and what is wanted of it.

    `scopes` are values as the API registered them; `texts` says how each was written.
    """

    api: Api
    resource: str
    scopes: tuple[str, ...]
    texts: tuple[str, ...]
    is_default: bool


async def every(words: Iterable[str], client: Client, tenant: Tenant) -> tuple[Wanted, ...]:
    """What is wanted of each resource, in the order in which they are named."""
    _, asked = scope.read(words)
    scope.default_stands_alone(asked)
    apis: dict[str, Api] = {}
    of_each: dict[str, list[Qualified]] = {}
    for each in asked:
        api = await resource_of(each.resource, client, tenant)
        apis[api.id] = api
        # One resource has several names, and is called by the one that came first.
        of_each.setdefault(api.id, []).append(each)
    return tuple(_of(apis[id], tuple(those)) for id, those in of_each.items())


async def one(words: tuple[str, ...], client: Client, tenant: Tenant, *, first: bool = False) -> Wanted:
    """What is wanted of the one resource that a token is for; `first`: several may be named."""
    found = await every(words, client, tenant)
    if len(found) > 1 and not first:
        named = " ".join(each.resource for each in found)
        raise Refused(RESOURCE_MANY, seen=contrast("scope", "scopes of one resource", named))
    return found[0] if found else await nothing(tenant)


async def nothing(tenant: Tenant) -> Wanted:
    """Where only the person is asked about: Graph where there is one, else our own /userinfo."""
    api = await tenant.known.named(Api, tenant.id, GRAPH)
    if api is None or not await whose.is_in_use(api, tenant):
        api = whose.userinfo(tenant)
    return Wanted(api, usual_name(api), (), (), is_default=False)


async def resource_of(resource: str, client: Client, tenant: Tenant) -> Api:
    """The API of this name; an application without one may still ask for tokens for itself."""
    if len(resource) <= LONGEST and "\0" not in resource:
        for name in scope.spellings(resource):
            api = await tenant.known.named(Api, tenant.id, name)
            # What is not of an Entra application has consent and grants of another kind.
            if api and api.dialect in ENTRA and await whose.is_in_use(api, tenant):
                return api
    if resource.casefold() == client.client_id.casefold():
        return _itself(client)
    seen = contrast("scope", "a resource of this tenant", resource[:LONGEST])
    raise Refused(RESOURCE_ABSENT, words={"resource": resource[:200]}, seen=seen)


def _itself(client: Client) -> Api:
    return Api(
        tenant=client.tenant,
        id=client.id,
        name=client.name,
        identifiers=(client.client_id,),
        dialect="entra_v2",
        owner_client=client.client_id,
        allow_offline_access=True,
    )


def usual_name(api: Api) -> str:
    """How it is called where nobody said: by its first identifier that is an address."""
    return api.identifiers[min(1, len(api.identifiers) - 1)]


def _of(api: Api, asked: tuple[Qualified, ...]) -> Wanted:
    """Its scopes that are meant, whatever their case."""
    resource, is_default = asked[0].resource, asked[0].is_default
    known = {each.value.casefold(): each.value for each in api.scopes if each.enabled}
    named = () if is_default else tuple(asked)
    for each in named:
        if each.value.casefold() not in known:
            seen = contrast("scope", " ".join(known.values()), each.value)
            raise Refused(RESOURCE_SCOPE_UNKNOWN, words={"scope": each.text[:200]}, seen=seen)
    values = tuple(dict.fromkeys(known[each.value.casefold()] for each in named))
    called = usual_name(api) if resource == GRAPH and api.identifier == GRAPH else resource
    return Wanted(api, called, values, tuple(each.text for each in asked), is_default)
