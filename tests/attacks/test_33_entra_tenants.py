"""Class 33, in Entra's words: a token, a path or a name of one tenant counts at another one."""

from dataclasses import replace as replaced
from typing import Any

import pytest

from sekisho import tokens
from sekisho.keys.ring import Keys
from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.granted import Granted, SignIn
from sekisho.oauth.delegation import subject
from sekisho.spec.address import Addresses
from tests.attacks.callers import (
    FROM_PAGE,
    THERE,
    authorizes,
    changed,
    goes_on,
    granted,
    is_refused,
    posts,
    refreshes,
    token_a,
    tokens_of,
    twin,
)
from tests.attacks.guest import Guest
from tests.attacks.household import AYA, OTHER_TENANT, Household
from tests.attacks.target import HOST, OTHER_HOST
from tests.entra import NEWER, RECORDS, SPA, A, exposed, on_behalf, page
from tests.servers import claims_of
from tests.tenants import NOW, SECRET, TENANT, signing_keys
from tests.visitor import person

UNTRUSTED, ABSENT, UNKNOWN = 50013, 90002, 70000
SEVERAL = "AzureADMultipleOrgs"
PERSON = person(id="44444444-4444-4444-8444-444444444440")


def twins(home: Household) -> None:
    """The other tenant has the same applications, APIs, secrets, consents, and somebody of the same name."""
    home.change(*map(twin, RECORDS[1:]), twin(PERSON))


def made(home: Household, signs: str = TENANT, says: str = TENANT, host: str = HOST) -> str:
    """A token for API A, signed by one tenant, about itself or another one, from an address."""
    slugs = {TENANT: "demo", OTHER_TENANT: "acme"}
    tenant = home.directory.named(slugs[says])
    assert tenant
    keys = Keys.of(signing_keys(signs, slugs[signs]), tenant.tools.sealer)
    told = Granted(
        id="01a3185c-5000-7577-8efe-6863577b3581",
        grant_type="authorization_code",
        client=page(),
        api=exposed(A, "api://a", "access_as_user"),
        audience="api://a",
        issuer=f"https://{host}/",
        subject=AYA,
        scopes=("access_as_user",),
        lifetime=3_600,
        at=home.clock.now,
        user=PERSON,
        sign_in=SignIn(auth_time=NOW, amr=("pwd",)),
        dialect="entra_v2",
        part="p",
    )
    return str(tokens.issue(told, replaced(tenant, keys=keys)).body["access_token"])


def test_the_honest_token_is_good(firm: Household) -> None:
    """A token that was made like those below, by the tenant itself, is an assertion."""
    assert granted(goes_on(firm, made(firm)))


@pytest.mark.parametrize("path", [NEWER, "/demo/oauth2/v2.0", f"/{TENANT.upper()}/oauth2/v2.0"])
def test_a_token_of_another_tenant(firm: Household, path: str) -> None:
    """With the same appIds, people and names of keys: neither what the other one signed nor what names it."""
    twins(firm)
    for told in (
        made(firm, OTHER_TENANT, OTHER_TENANT, OTHER_HOST),
        made(firm, OTHER_TENANT, OTHER_TENANT),
        made(firm, OTHER_TENANT),
        made(firm, TENANT, OTHER_TENANT),
        made(firm, TENANT, TENANT, OTHER_HOST),
        made(firm, host="sts.windows.net"),
        made(firm, host="login.microsoftonline.com"),
    ):
        is_refused(goes_on(firm, told, path=path), UNTRUSTED)
    assert granted(goes_on(firm, made(firm), path=path))


def test_a_token_is_worth_nothing_elsewhere(firm: Household) -> None:
    """The other tenant takes no token of ours for an assertion, a refresh token or a session's answer."""
    twins(firm)
    body = tokens_of(firm)
    for path, host in ((THERE, HOST), ("/acme/oauth2/v2.0", HOST), (THERE, OTHER_HOST)):
        is_refused(posts(firm, on_behalf(body["access_token"]), path, host), UNTRUSTED)
        told = {"grant_type": "refresh_token", "client_id": SPA, "refresh_token": body["refresh_token"]}
        is_refused(posts(firm, told, path, host, **FROM_PAGE), UNKNOWN)
    assert granted(refreshes(firm, body["refresh_token"]))


@pytest.mark.parametrize("alias", ["common", "organizations", "COMMON"])
def test_an_alias_is_the_tenant_of_its_host(firm: Household, alias: str) -> None:
    """Whoever leaves the tenant open gets that of the host: the token's own tenant is not gone to."""
    twins(firm)
    for kind in (A, SPA):
        changed(firm, Client, kind, sign_in_audience=SEVERAL)
    path = f"/{alias}/oauth2/v2.0"
    theirs = made(firm, OTHER_TENANT, OTHER_TENANT, OTHER_HOST)
    is_refused(goes_on(firm, theirs, path=path), UNTRUSTED)
    body = granted(goes_on(firm, made(firm), path=path))
    assert claims_of(body["access_token"])["iss"] == f"https://{HOST}/{TENANT}/v2.0"
    # Nobody is in a tenant of personal accounts, and an application of one tenant names it.
    is_refused(goes_on(firm, made(firm), path="/consumers/oauth2/v2.0"), ABSENT)
    changed(firm, Client, A, sign_in_audience="AzureADMyOrg")
    is_refused(goes_on(firm, made(firm), path=path), 50194)


def test_an_alias_needs_a_tenant_for_applications(firm: Household) -> None:
    """An application in its own name cannot leave the tenant open, whatever audience it has."""
    changed(firm, Client, A, sign_in_audience=SEVERAL)
    told = {"grant_type": "client_credentials", "client_id": A, "client_secret": SECRET}
    is_refused(posts(firm, {**told, "scope": "api://a/.default"}, "/common/oauth2/v2.0"), 9001023)


@pytest.mark.parametrize(
    "name", [TENANT, "demo", HOST, "id.example.com.", "x", "%64emo", f"{TENANT} ", "t", "*", "demo%2f"]
)
def test_a_host_of_one_tenant_serves_no_other(firm: Household, name: str) -> None:
    """At the other one's host no path means us: tokens, metadata, keys, sign-in and sign-out are refused."""
    twins(firm)
    told = on_behalf(made(firm))
    path = f"/{name}/oauth2/v2.0"
    answer = posts(firm, told, path, OTHER_HOST)
    assert answer.status_code in (400, 404), answer.text
    assert "access_token" not in answer.text
    with firm.web(OTHER_HOST) as web:
        for rest in (
            "v2.0/.well-known/openid-configuration",
            "discovery/v2.0/keys",
            ".well-known/openid-configuration",
        ):
            answer = web.get(f"/{name}/{rest}")
            assert answer.status_code in (400, 404), answer.text
            assert TENANT not in answer.text.replace(name, "")
    page_ = Guest(firm, host=OTHER_HOST)
    assert authorizes(page_, path).status_code in (400, 404)


def test_a_guid_is_its_own_tenants(firm: Household) -> None:
    """A tenant that calls itself by the GUID of another one, as slug or as domain, is not found by it."""
    for slugs, owners in (
        ({"demo": TENANT, TENANT: OTHER_TENANT}, {}),
        ({"demo": TENANT, "acme": OTHER_TENANT}, {TENANT: OTHER_TENANT}),
    ):
        known = Addresses(f"https://{HOST}", owners=owners, slugs=slugs, default=OTHER_TENANT)
        found = known.locate(HOST, f"{NEWER}/token")
        assert found
        assert found.tenant == TENANT


@pytest.mark.parametrize(("dialect", "wrong"), [("entra_v1", "/v2.0"), ("entra_v2", "/")])
def test_each_format_has_its_issuer(firm: Household, dialect: Any, wrong: str) -> None:
    """Tokens say the issuer of their own format, whichever endpoint gave them; no alias is ever one."""
    changed(firm, Api, A, dialect=dialect)
    text = token_a(firm)
    said = claims_of(text)
    assert said["iss"] != f"https://{HOST}/{TENANT}{wrong}"
    assert str(said["iss"]).startswith(f"https://{HOST}/{TENANT}/")
    for path in (NEWER, f"/{TENANT}/oauth2"):
        resource = {"resource": "api://b", "scope": None} if path.endswith("oauth2") else {}
        assert granted(goes_on(firm, text, path=path, **resource))


def test_the_guards_are_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    twins(firm)
    with monkeypatch.context() as mutant:
        mutant.setattr(subject, "_is_ours", lambda *_: None)
        assert granted(goes_on(firm, made(firm, OTHER_TENANT)))
    with monkeypatch.context() as mutant:
        mutant.setattr(subject, "_is_from_here", lambda *_: None)
        mutant.setattr("sekisho.tenant.Tenant.issues", lambda *_: True)
        assert granted(goes_on(firm, made(firm, host="sts.windows.net")))
    with monkeypatch.context() as mutant:
        mutant.setattr("sekisho.tenant.Tenant.goes_by", lambda *_: True)
        theirs = made(firm, OTHER_TENANT, OTHER_TENANT, OTHER_HOST)
        assert granted(posts(firm, on_behalf(theirs), NEWER, OTHER_HOST))
