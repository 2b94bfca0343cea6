"""GET /{t}/FederationMetadata/2007-06/FederationMetadata.xml: whose signatures are to be looked for."""

import uuid

from sekisho.faces.entra import says
from sekisho.faces.entra.place import Here, here, tenant_of_path
from sekisho.keys import certificate
from sekisho.keys.rotation import JWKS_MAX_AGE
from sekisho.model.api import Api
from sekisho.saml import sign
from sekisho.saml.sign import Place
from sekisho.spec.contrast import contrast
from sekisho.spec.entra.place import GUID
from sekisho.spec.http import Answer, Ask, Pairs, one
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import RESOURCE_ABSENT
from sekisho.spec.saml import federation as metadata
from sekisho.spec.saml.federation import Described
from sekisho.tenant import Tenant
from sekisho.tokens.entra import assertion

PATH = "/{t}/FederationMetadata/2007-06/FederationMetadata.xml"
KIND = "application/samlmetadata+xml"
CACHED: Pairs = (("cache-control", f"max-age={JWKS_MAX_AGE}, private"),)


async def federation(ask: Ask, tenant: Tenant) -> Answer:
    """The tenant's certificates, or with `appid` those of an application: what signs now stands first."""
    tenant_of_path(ask, tenant)
    api = await _api(one(ask.query, "appid"), tenant)
    described = _described(api, here(ask, tenant), tenant)
    text = sign.signed(
        metadata.document(described), assertion.seal(api, tenant), Place(metadata.SIGNATURE_AT)
    )
    return Answer(body=text, kind=KIND, headers=(*CACHED, *says.named(ask)))


async def _api(name: str | None, tenant: Tenant) -> Api | None:
    """That of an application; one that exposes nothing is none that an assertion could be for."""
    if name is None:
        return None
    found = await tenant.known.named(Api, tenant.id, name.casefold()) if GUID.fullmatch(name) else None
    if found is None or found.owner_client is None:
        seen = contrast("appid", "an application of this tenant that exposes an API", name[:64])
        raise Refused(RESOURCE_ABSENT, words={"resource": name[:200]}, seen=seen)
    return found


def _described(api: Api | None, at: Here, tenant: Tenant) -> Described:
    worn = tenant.keys.certificates(assertion.ring_of(api, tenant), sign.ALG)
    return Described(
        id=f"_{uuid.uuid4()}",
        entity=f"{at.issuers}/",
        certificates=tuple(map(certificate.x5c, worn)),
        browser=f"{at.endpoints}/saml2",
        passive=f"{at.endpoints}/wsfed",
    )
