"""What the face serves and signs with: metadata of both endpoints, keys, and whose addresses these are."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from sekisho.faces.entra import says
from sekisho.faces.entra.place import Here, here, tenant_of_path
from sekisho.keys import certificate, jwk
from sekisho.keys.rotation import JWKS_MAX_AGE
from sekisho.spec.contrast import absent, contrast
from sekisho.spec.entra.place import ALIASES, GUID
from sekisho.spec.http import Answer, Ask, Pairs, one
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.spec.refusals.entra import DIRECTORY_ABSENT, INSTANCE_UNKNOWN
from sekisho.tenant import Tenant

ALG = "RS256"
RING = "tokens"
CACHED: Pairs = (("cache-control", "max-age=86400, private"),)
# A key signs when it was published for so long: nobody is told to keep the keys longer.
KEYS_CACHED: Pairs = (("cache-control", f"max-age={JWKS_MAX_AGE}, private"),)
AUTHORIZATION = "authorization_endpoint"

# What both documents say; the second one names the claims of newer ID tokens.
LISTS: Mapping[str, tuple[str, ...]] = {
    "token_endpoint_auth_methods_supported": (
        "client_secret_post",
        "private_key_jwt",
        "client_secret_basic",
    ),
    "response_modes_supported": ("query", "fragment", "form_post"),
    "subject_types_supported": ("pairwise",),
    "id_token_signing_alg_values_supported": (ALG,),
    "response_types_supported": ("code", "id_token", "code id_token", "id_token token"),
    "scopes_supported": ("openid", "profile", "email", "offline_access"),
    "code_challenge_methods_supported": ("S256",),
}
FLAGS: Mapping[str, bool] = {
    "request_uri_parameter_supported": False,
    "http_logout_supported": True,
    "frontchannel_logout_supported": True,
    "frontchannel_logout_session_supported": True,
}
_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "name", "tid", "ver", "at_hash", "c_hash")
OLDER_CLAIMS = (*_CLAIMS, "amr", "upn", "unique_name")
NEWER_CLAIMS = (*_CLAIMS, "preferred_username", "email")


async def newer(ask: Ask, tenant: Tenant) -> Answer:
    """GET /{t}/v2.0/.well-known/openid-configuration."""
    tenant_of_path(ask, tenant)
    at = here(ask, tenant)
    document = {
        "issuer": f"{at.issuers}/v2.0",
        **_endpoints(ask, at, "/v2.0"),
        **LISTS,
        "claims_supported": NEWER_CLAIMS,
        **FLAGS,
    }
    return _document(document, ask)


async def older(ask: Ask, tenant: Tenant) -> Answer:
    """GET /{t}/.well-known/openid-configuration, for tokens of the format v1.0."""
    tenant_of_path(ask, tenant)
    at = here(ask, tenant)
    document = {
        "issuer": f"{at.issuers}/",
        **_endpoints(ask, at, ""),
        **LISTS,
        "claims_supported": OLDER_CLAIMS,
        **FLAGS,
        "microsoft_multi_refresh_token": True,
    }
    return _document(document, ask)


def _endpoints(ask: Ask, at: Here, version: str) -> dict[str, str]:
    application = one(ask.query, "appid") or ""
    # It is for applications with keys of their own, which nobody has here.
    asked = f"?appid={application}" if GUID.fullmatch(application) else ""
    return {
        AUTHORIZATION: f"{at.endpoints}/oauth2{version}/authorize",
        "token_endpoint": f"{at.endpoints}/oauth2{version}/token",
        "end_session_endpoint": f"{at.endpoints}/oauth2{version}/logout",
        "jwks_uri": f"{at.endpoints}/discovery{version}/keys{asked}",
        # No tenant is in its path: below a tenant's prefix it is found where several share a host.
        "userinfo_endpoint": f"{ask.root}/oidc/userinfo",
    }


async def newer_keys(ask: Ask, tenant: Tenant) -> Answer:
    """GET /{t}/discovery/v2.0/keys: each key says whose tokens it signs."""
    tenant_of_path(ask, tenant)
    issuer = f"{here(ask, tenant).issuers}/v2.0"
    keys = [{**key, "issuer": issuer} for key in _keys(tenant)]
    return _document({"keys": keys}, ask, KEYS_CACHED)


async def older_keys(ask: Ask, tenant: Tenant) -> Answer:
    """GET /{t}/discovery/keys."""
    tenant_of_path(ask, tenant)
    return _document({"keys": _keys(tenant)}, ask, KEYS_CACHED)


def _keys(tenant: Tenant) -> list[dict[str, object]]:
    """Those that a token of the face may be signed with, by the names that its tokens call them."""
    return [_key(der) for der in tenant.keys.certificates(RING, ALG)]


def _key(der: bytes) -> dict[str, object]:
    name = certificate.x5t(der)
    public = jwk.members(certificate.public_key(der))
    return {**public, "use": "sig", "kid": name, "x5t": name, "x5c": [certificate.x5c(der)]}


async def instance(ask: Ask, tenant: Tenant) -> Answer:
    """GET /common/discovery/instance: an authority is ours, and where it describes itself."""
    named = one(ask.query, AUTHORIZATION)
    if named is None:
        raise Refused(MISSING_PARAMETER, words={"name": AUTHORIZATION}, seen=absent(AUTHORIZATION))
    at = urlsplit(tenant.issuer(ask))
    host, path = _split(named)
    # Some clients leave the port out of what they ask about.
    if host != at.hostname:
        raise Refused(INSTANCE_UNKNOWN, seen=contrast("host", at.hostname or "", host))
    name = _directory(path.strip("/").partition("/")[0], at.netloc, tenant)
    document = {
        "tenant_discovery_endpoint": (
            f"{at.scheme}://{at.netloc}/{name}/v2.0/.well-known/openid-configuration"
        ),
        "api-version": "1.0" if one(ask.query, "api-version") == "1.0" else "1.1",
        "metadata": [{"preferred_network": at.netloc, "preferred_cache": at.netloc, "aliases": [at.netloc]}],
    }
    return _document(document, ask)


def _split(address: str) -> tuple[str, str]:
    """Host name and path; nothing of what is no address."""
    try:
        split = urlsplit(address)
    except ValueError:
        return "", ""
    return (split.hostname or "", split.path) if split.scheme in ("http", "https") else ("", "")


def _directory(name: str, host: str, tenant: Tenant) -> str:
    """The GUID of any tenant that answers at this host, or the alias for the host's own."""
    known, folded = tenant.addresses, name.casefold()
    if folded in ALIASES:
        return folded
    id = folded if folded in known.called else known.slugs.get(folded) or known.owners.get(folded, "")
    if id not in known.slugs.values() or known.owners.get(host) not in (None, id):
        raise Refused(
            DIRECTORY_ABSENT, words={"name": name[:64]}, seen=contrast("tenant", tenant.record.slug, name)
        )
    return id


def _document(told: Mapping[str, object], ask: Ask, kept: Pairs = CACHED) -> Answer:
    return Answer(json=dict(told), kind=says.KIND, headers=(*kept, *says.named(ask)))
