"""Where Entra's dialect lives: paths, issuers, and the tenant that they mean."""

import pytest

from sekisho.spec.address import Addresses, Place
from sekisho.spec.entra import place

DEMO, ACME = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
HERE = "https://id.example.com"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/demo/oauth2/v2.0/token", "demo"),
        ("/Demo/oauth2/token", "Demo"),
        ("/common/discovery/instance", "common"),
        ("/demo/v2.0/.well-known/openid-configuration", "demo"),
        ("/demo/.well-known/openid-configuration", "demo"),
        ("/demo/adminconsent", "demo"),
        ("/demo/FederationMetadata/2007-06/FederationMetadata.xml", "demo"),
        ("/demo/saml2", "demo"),
        ("/oauth/token", ""),
        ("/.well-known/openid-configuration", ""),
        ("/.well-known/oauth2/x", ""),
        ("/oidc/userinfo", ""),
        ("/v1.0/me", ""),
        ("/demo", ""),
        ("/", ""),
    ],
)
def test_reads_the_tenant_of_a_path(path: str, name: str) -> None:
    """Where one of the dialect's words stands second, the first one names a tenant."""
    assert place.segment(path) == name


def test_two_issuers_follow_from_the_servers_own() -> None:
    """Whatever prefix the tenant's pages have, its issuers in Entra's words are below the origin."""
    for issuer in (f"{HERE}/", f"{HERE}/t/demo/"):
        assert place.older(issuer, DEMO) == f"{HERE}/{DEMO}/"
        assert place.newer(issuer, DEMO) == f"{HERE}/{DEMO}/v2.0"


@pytest.mark.parametrize(
    ("issuer", "found"),
    [
        (f"{HERE}/{DEMO}/", (f"{HERE}/", DEMO)),
        (f"{HERE}/{DEMO}/v2.0", (f"{HERE}/", DEMO)),
        (f"{HERE}/{DEMO}", None),
        (f"{HERE}/{DEMO}/v2.0/", None),
        (f"{HERE}/{DEMO.replace('1', 'A')}/", None),
        (f"{HERE}/t/demo/{DEMO}/", None),
        (f"https://a@b/{DEMO}/", None),
        (f"ftp://id.example.com/{DEMO}/", None),
        (f"{HERE}/{{tenantid}}/v2.0", None),
    ],
)
def test_takes_an_issuer_apart(issuer: str, found: tuple[str, str] | None) -> None:
    """An issuer is an origin and a GUID in lower case, letter for letter."""
    assert place.split(issuer) == found


def test_assertions_may_be_for_any_spelling() -> None:
    """The endpoint by GUID, by the name in the path and by alias, and both issuers: of this host alone."""
    names = place.assertion_audiences(f"{HERE}/", DEMO, "Demo")
    for name in ("Demo", "demo", DEMO, "common", "organizations"):
        assert f"{HERE}/{name}/oauth2/v2.0/token" in names
        assert f"{HERE}/{name}/v2.0" in names
    assert all(each.startswith(f"{HERE}/") for each in names)
    assert f"{HERE}/consumers/oauth2/v2.0/token" not in names


ADDRESSES = Addresses(
    HERE,
    owners={"acme.example.com": ACME, "login.demo.example": DEMO},
    slugs={"demo": DEMO, "acme": ACME},
    default=DEMO,
)
END = "/oauth2/v2.0/token"


@pytest.mark.parametrize("name", ["acme", "ACME", ACME, ACME.upper(), "acme.example.com", "Acme.Example.com"])
def test_a_path_finds_its_tenant(name: str) -> None:
    """By slug, GUID or domain, in any case; its pages are below its prefix where the host is shared."""
    found = ADDRESSES.locate("id.example.com", f"/{name}{END}")
    assert found == Place(ACME, f"{HERE}/t/acme", f"/{name}{END}")


@pytest.mark.parametrize("name", ["common", "organizations", "consumers", "nobody", "demo", DEMO])
def test_other_names_leave_it_with_the_host(name: str) -> None:
    """Aliases, strangers and the default tenant itself: it is the tenant of the host that answers."""
    assert ADDRESSES.locate("id.example.com", f"/{name}{END}") == Place(DEMO, HERE, f"/{name}{END}")


def test_a_host_of_ones_own_serves_nobody_else() -> None:
    """Who owns a host answers there, whoever the path names."""
    found = ADDRESSES.locate("acme.example.com", f"/demo{END}")
    assert found == Place(ACME, "https://acme.example.com", f"/demo{END}")


@pytest.mark.parametrize(
    ("issuer", "tenant"),
    [
        (f"{HERE}/{ACME}/v2.0", ACME),
        (f"{HERE}/{ACME}/", ACME),
        (f"https://acme.example.com/{ACME}/", ACME),
        (f"https://acme.example.com/{DEMO}/", None),
        (f"http://id.example.com/{ACME}/", None),
        (f"https://elsewhere.example/{ACME}/", None),
        (f"{HERE}/33333333-3333-4333-8333-333333333333/", None),
        (f"{HERE}/", None),
    ],
)
def test_an_issuer_stands_for_a_tenant_where_it_answers(issuer: str, tenant: str | None) -> None:
    """A GUID at an address of ours; never at a host of somebody else's."""
    assert ADDRESSES.directory(issuer) == tenant
