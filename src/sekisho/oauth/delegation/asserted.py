"""A SAML assertion in the place of an access token: for whom, to be shown where (Entra's extension)."""

from collections.abc import Mapping

from msgspec.structs import replace

from sekisho.model.api import ENTRA, Api, Saml
from sekisho.model.client import Client
from sekisho.model.granted import Assertion, Granted
from sekisho.oauth.delegation.wanted import Wanted
from sekisho.spec.contrast import contrast
from sekisho.spec.entra.scope import ENTITY
from sekisho.spec.exchange.token_type import SAML, TAKEN, SamlKind
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import RESOURCE_ABSENT
from sekisho.spec.refusals.exchange import TOKEN_TYPE_UNKNOWN
from sekisho.tenant import Tenant

URNS: Mapping[SamlKind, str] = {kind: urn for urn, kind in SAML.items()}


def kind_of(ask: Ask, otherwise: SamlKind | None = None) -> SamlKind | None:
    """The version that is asked for; None where an access token is, or nothing."""
    asked = ask.get("requested_token_type")
    if asked is None:
        return otherwise
    if asked not in (*SAML, *TAKEN):
        seen = contrast("requested_token_type", " ".join((*TAKEN, *SAML)), asked)
        raise Refused(TOKEN_TYPE_UNKNOWN, words={"type": asked[:128]}, seen=seen)
    return SAML.get(asked)


async def told(granted: Granted, kind: SamlKind | None, wanted: Wanted, tenant: Tenant) -> Granted:
    """What was granted, by an assertion where one is asked for."""
    if kind is None:
        return granted
    api = wanted.api
    if api.dialect not in ENTRA or not wanted.texts:
        # What is only about the person is for the server itself, which reads no assertions of its own.
        raise Refused(RESOURCE_ABSENT, words={"resource": ""}, seen=contrast("scope", "a resource", ""))
    settings = api.saml or Saml()
    assertion = Assertion(
        kind=kind,
        audience=_entity(wanted) + (settings.entity_id or wanted.resource),
        recipient=await _recipient(api, tenant),
    )
    return replace(granted, assertion=assertion, lifetime=settings.lifetime, issued_type=URNS[kind])


def _entity(wanted: Wanted) -> str:
    """What is no address was called with this in front, and hears itself called so."""
    return ENTITY if wanted.texts[0].startswith(ENTITY) else ""


async def _recipient(api: Api, tenant: Tenant) -> str:
    """The first reply URL of the API's own application that is one address, in the order of its list."""
    owner = await tenant.known.named(Client, tenant.id, api.owner_client or api.identifier)
    replies = (each.url for each in owner.reply_urls) if owner else ()
    return next((url for url in replies if "*" not in url), "")
