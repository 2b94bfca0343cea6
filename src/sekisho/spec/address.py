"""Which tenant an address belongs to: by its host, by a path prefix, or the default one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sekisho.spec.entra.place import segment, split

# fmt: off
RESERVED_SLUGS = frozenset((
    ".well-known", "_services", "account", "activate", "api", "authorize", "bc-authorize", "co",
    "common", "consent", "consumers", "continue", "dashboard", "dbconnections", "delegation",
    "demo-app", "dev", "discovery", "docs", "error", "federationmetadata", "forgot", "healthz", "icon",
    "invitation", "login", "logout", "metrics", "mfa", "o", "oauth", "oauth2", "oidc", "organizations",
    "passwordless", "portal", "readyz", "reset", "robots.txt", "saml", "samlp", "signin", "signup", "static",
    "t", "tokeninfo", "user", "userinfo", "usernamepassword", "v2", "wsfed",
))
# fmt: on
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_HOST = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,62})?(?:\.[a-z0-9-]{1,63}){0,10}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?"
)
_ISSUER = re.compile(r"(https?)://([^/?#@\\]{1,270})((?:/t/[^/?#]{1,63})?)/")
_METADATA = "/.well-known/oauth-authorization-server/t/"
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "[::1]"))
HIGHEST_PORT = 65_535
_DEFAULT_PORTS: Mapping[str, str] = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request arrived: whose it is, under which root, and what remains of the path."""

    tenant: str
    root: str
    path: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """Every address that this installation answers at. Nothing here comes from a request."""

    origin: str
    owners: Mapping[str, str] = field(default_factory=dict)
    slugs: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    development: bool = False
    # The slugs, by their tenants.
    called: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "called", {id: slug for slug, id in self.slugs.items()})

    def knows(self, host: str) -> bool:
        """The host is one of ours; anything else is refused with 421."""
        return host in self.owners or self._is_shared(host)

    def locate(self, host: str, path: str) -> Place | None:
        """The tenant of a known host and a raw path; None where no tenant lives."""
        if path.startswith(_METADATA):
            # RFC 8414 section 3.1: the well-known part goes before the path of an issuer that has one.
            path = path.removeprefix(_METADATA[:-3]).rstrip("/") + _METADATA[:-3]
        owner = self.owners.get(host)
        root = f"{self._scheme}://{host}"
        if path.startswith("/t/"):
            slug, _, rest = path[3:].partition("/")
            tenant = self.slugs.get(slug)
            # A host that one tenant owns never serves another one.
            if tenant is None or owner not in (None, tenant):
                return None
            return Place(tenant, f"{root}/t/{slug}", f"/{rest}")
        tenant = owner or self.default
        named = self._named(path) if owner is None else None
        if named and named[0] != tenant:
            # The pages of a tenant that has no host of its own are below its prefix.
            return Place(named[0], f"{root}/t/{named[1]}", path)
        return Place(tenant, root, path) if tenant else None

    def _named(self, path: str) -> tuple[str, str] | None:
        """The tenant that an Entra-style path begins with, by slug, GUID or domain, and its slug."""
        name = segment(path).casefold()
        if not name:
            return None
        # A GUID is first of all its own tenant's, whatever others call themselves.
        id = name if name in self.called else self.slugs.get(name) or self.owners.get(name, "")
        slug = self.called.get(id)
        return (id, slug) if slug else None

    def directory(self, issuer: str) -> str | None:
        """The tenant that an issuer in Entra's words stands for, at a host where it answers."""
        found = split(issuer)
        if found is None or found[1] not in self.called:
            return None
        parts = urlsplit(found[0])
        owner = self.owners.get(parts.netloc)
        is_ours = parts.scheme == self._scheme and self.knows(parts.netloc) and owner in (None, found[1])
        return found[1] if is_ours else None

    def tenant_of(self, issuer: str) -> str | None:
        """The tenant that an issuer identifier of ours stands for."""
        match = _ISSUER.fullmatch(issuer)
        if match is None or match[1] != self._scheme or not self.knows(match[2]):
            return None
        place = self.locate(match[2], f"{match[3]}/")
        return place.tenant if place and place.path == "/" else None

    def is_alone(self, tenant: str, host: str) -> bool:
        """Nobody else answers at this host: it is the tenant's own, or there is no other tenant."""
        owner = self.owners.get(host)
        return owner == tenant or (owner is None and [*self.slugs.values()] == [tenant])

    def host(self, text: str) -> str | None:
        """A Host header in its one canonical form; None where it is none."""
        host = text.lower().removesuffix(_DEFAULT_PORTS[self._scheme])
        return host if _HOST.fullmatch(host) else None

    def _is_shared(self, host: str) -> bool:
        split = urlsplit(self.origin)
        if host == split.netloc:
            return True
        if not self.development:
            return False
        name, _, port = host.rpartition(":") if re.search(r":\d+$", host) else (host, "", "")
        return (name in _LOOPBACK or name.endswith(".localhost")) and port == str(split.port or "")

    @property
    def _scheme(self) -> str:
        return self.origin.partition(":")[0]


def slug_is_free(slug: str) -> bool:
    """A slug is one DNS label, and hides no path of ours."""
    return bool(_SLUG.fullmatch(slug)) and slug not in RESERVED_SLUGS


def domain_is_sound(domain: str) -> bool:
    """A domain is a host as it stands in a Host header, lower-case, perhaps with a port."""
    return bool(_HOST.fullmatch(domain))


def origin_is_sound(origin: str) -> bool:
    """A public URL is scheme and host, perhaps a port, and nothing else."""
    split = urlsplit(origin)
    return (
        split.scheme in _DEFAULT_PORTS
        and origin == f"{split.scheme}://{split.netloc}"
        and domain_is_sound(split.netloc)
    )


def listen_is_sound(listen: str) -> bool:
    """Where a server listens: address and port."""
    host, _, port = listen.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    return (
        bool(host) and (bracketed or ":" not in host) and port.isdecimal() and 0 < int(port) <= HIGHEST_PORT
    )


def collector_is_sound(url: str) -> bool:
    """Whom traces are sent to: host and path, no password."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    sound = url.isascii() and url.isprintable() and not set(" @?#\\").intersection(url)
    return scheme in ("http", "https") and bool(host) and bool(path) and sound
