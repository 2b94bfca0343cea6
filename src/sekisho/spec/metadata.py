"""What clients, APIs and tenants may say about themselves (RFC 7591 section 2): rules that pass or refuse."""

import re
from collections.abc import Collection, Mapping
from urllib.parse import SplitResult, urlsplit

from sekisho.spec.jose import HMACS, SIGNATURES
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import BODY_INVALID, NOT_SUPPORTED

PUBLIC_APP_TYPES = frozenset(("native", "spa"))
APP_TYPES = frozenset(
    (
        *("native", "spa", "regular_web", "non_interactive", "resource_server", "express_configuration"),
        # Ours: a portal that signs people in here.
        "portal",
        *(
            "rms",
            "box",
            "cloudbees",
            "concur",
            "dropbox",
            "mscrm",
            "echosign",
            "egnyte",
            "newrelic",
            "office365",
        ),
        *(
            "salesforce",
            "sentry",
            "sharepoint",
            "slack",
            "springcm",
            "zendesk",
            "zoom",
            "sso_integration",
            "oag",
        ),
    )
)
SECRET_METHODS = frozenset(("client_secret_post", "client_secret_basic", "client_secret_jwt"))
AUTH_METHODS = SECRET_METHODS | {"none", "private_key_jwt"}
# What a client may promise to sign its assertions with: token_endpoint_auth_signing_alg.
ASSERTION_ALGS: Mapping[str, frozenset[str]] = {"client_secret_jwt": HMACS, "private_key_jwt": SIGNATURES}
GRANT_TYPES = frozenset(
    (
        "authorization_code",
        "client_credentials",
        "implicit",
        "password",
        "refresh_token",
        "http://auth0.com/oauth/grant-type/password-realm",
        "http://auth0.com/oauth/grant-type/passwordless/otp",
        "http://auth0.com/oauth/grant-type/mfa-otp",
        "http://auth0.com/oauth/grant-type/mfa-oob",
        "http://auth0.com/oauth/grant-type/mfa-recovery-code",
        "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:okta:params:oauth:grant-type:webauthn",
        "urn:openid:params:grant-type:ciba",
    )
)
# Algorithms and dialects that Auth0 knows and this server does not offer.
ALGS_ELSEWHERE = frozenset(("HS256", "RS512"))
DIALECTS_ELSEWHERE = frozenset(("access_token_authz", "rfc9068_profile_authz"))

MOST_METADATA = 10
LONGEST_METADATA = 255
LONGEST_URL = 1_500
LONGEST_IDENTIFIER = 600
LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_URL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_NAME = re.compile(r"[^<>\x00-\x1f\x7f]+")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+")
_DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443}


def problem(field: str, text: str) -> Refused:
    """A body that says something it may not say."""
    words = {"problem": f"'{text}' on property {field}", "field": field, "said": text}
    return Refused(BODY_INVALID, words=words)


def name_is_plain(name: str) -> None:
    """A name is shown to people: no markup, no control characters. RFC 7591 section 2, client_name."""
    if not name.strip() or not _NAME.fullmatch(name):
        raise problem("name", "Must not be blank or contain < or > or control characters")


def choice_is_known(field: str, values: Collection[str], known: Collection[str]) -> None:
    """A word out of a list that the documents close."""
    for value in values:
        if value not in known:
            raise problem(field, f"Not one of the known values: {value[:128]}")


def values_are_unique(field: str, values: Collection[str]) -> None:
    """A list that is a set names nothing twice."""
    if len(set(values)) < len(values):
        raise problem(field, "Array items are not unique")


def redirects_are_sound(field: str, urls: Collection[str], app_type: str) -> None:
    """Absolute, no fragment; TLS, loopback or an app's scheme. RFC 6749 section 3.1.2, RFC 8252 section 7."""
    for url in urls:
        parts = _split(field, url)
        own_scheme = app_type == "native" and _PRIVATE_SCHEME.fullmatch(parts.scheme)
        if not own_scheme and not _is_web(parts):
            raise problem(field, f"Not an https address, nor http on loopback: {url[:200]}")


def address_is_web(field: str, url: str) -> None:
    """Where people are sent, or an image is loaded from: https. RFC 7591 section 2, logo_uri."""
    parts = _split(field, url)
    if parts.scheme != "https" or not _is_web(parts):
        raise problem(field, f"Not an https address: {url[:200]}")


def origins_are_origins(field: str, origins: Collection[str]) -> None:
    """Scheme, host, and a port that is not the usual one, as browsers write it. RFC 6454 section 6.2."""
    for origin in origins:
        parts = _split(field, origin)
        if origin != f"{parts.scheme}://{parts.netloc.lower()}" or not _is_web(parts):
            raise problem(field, f"Not an origin: {origin[:200]}")
        if parts.port == _DEFAULT_PORTS[parts.scheme]:
            raise problem(field, f"Browsers leave the usual port out: {origin[:200]}")


def texts_are_few(metadata: Mapping[str, str]) -> None:
    """Free texts of a client's owner, within bounds."""
    if len(metadata) > MOST_METADATA:
        raise problem("client_metadata", f"Too many properties defined, maximum {MOST_METADATA}")
    if any(len(text) > LONGEST_METADATA for pair in metadata.items() for text in pair):
        raise problem("client_metadata", f"String is too long, maximum {LONGEST_METADATA}")


def promises_are_kept(members: Mapping[str, object], promises: Mapping[str, object]) -> None:
    """What is not enforced yet may only be left as it is: nothing is stored that would lie."""
    for field in members.keys() & promises.keys():
        if not _keeps(members[field], promises[field]):
            raise Refused(NOT_SUPPORTED, words={"field": field})


def is_offered(field: str, value: str | None, elsewhere: Collection[str]) -> None:
    """A word that another server would take, and this one does not."""
    if value in elsewhere:
        raise Refused(NOT_SUPPORTED, words={"field": field})


def _keeps(said: object, default: object) -> bool:
    if said is None:
        return True
    if isinstance(said, dict) and isinstance(default, Mapping):
        return all(name in default and _keeps(value, default[name]) for name, value in said.items())
    return type(said) is type(default) and said == default


def _split(field: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        sound = len(url) <= LONGEST_URL and _URL.fullmatch(url) and "#" not in url and parts.port != 0
    except ValueError as error:
        raise problem(field, f"Not an address: {url[:200]}") from error
    if not sound or not parts.scheme or "@" in parts.netloc or not url.startswith(parts.scheme):
        raise problem(field, f"Not an absolute address without fragment: {url[:200]}")
    return parts


def _is_web(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if parts.netloc.endswith(":") or not _HOST.fullmatch(host):
        return False
    loopback = host in LOOPBACK or host.endswith(".localhost")
    return parts.scheme == "https" or (parts.scheme == "http" and loopback)
