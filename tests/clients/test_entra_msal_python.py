"""MSAL for Python, as it comes: an API goes on in the name of who called it."""

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import jwt
import msal
import pytest
import requests
from lxml import etree
from signxml.verifier import VerifyResult, XMLVerifier

from tests.clients.entra import ACCESS, CLERK, LEDGER, LOCK, App, Firm, a_card, is_of, needs
from tests.clients.entra import READ as READS
from tests.clients.person import ADDRESS, NO, YES, Person
from tests.clients.place import CALLBACK, NOWHERE
from tests.outside import free_port
from tests.servers import claims_of

PROOFS = ("secret", "thumbprint", "thumbprint and chain", "certificate", "pfx", "pfx and chain")
READ = "Orders.Read"


@pytest.fixture(autouse=True)
def _trusted(trusting: None) -> None:
    """MSAL trusts our authority."""


def credential(firm: Firm, app: App, proof: str) -> Any:
    """What the application proves itself with, in each of MSAL's words for it."""
    card = firm.card
    by_thumbprint = {"private_key": card.pem, "thumbprint": card.thumbprint}
    pfx = firm.folder / "shop.pfx"
    pfx.write_bytes(card.pfx)
    by_file = {"private_key_pfx_path": str(pfx), "passphrase": LOCK}
    return {
        "secret": app.secret,
        "thumbprint": by_thumbprint,
        "thumbprint and chain": {**by_thumbprint, "public_certificate": card.public},
        "certificate": {"private_key": card.pem, "public_certificate": card.public},
        "pfx": by_file,
        "pfx and chain": {**by_file, "public_certificate": True},
    }[proof]


def application(firm: Firm, app: App, proof: str = "secret", **more: Any) -> Any:
    """A confidential client of MSAL's."""
    told = {"authority": firm.authority, "instance_discovery": False, **more}
    return msal.ConfidentialClientApplication(app.client_id, credential(firm, app, proof), **told)


def given(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the token says that MSAL was given."""
    assert "access_token" in answer, answer
    return claims_of(answer["access_token"])


@pytest.mark.parametrize("proof", PROOFS)
def test_on_behalf_of(firm: Firm, shown: str, proof: str):
    """With each kind of proof, twice with what it made of it. Contract of the dialect, section 3.2."""
    app, wanted = application(firm, firm.shop, proof), [firm.orders.scope(READ)]
    first = app.acquire_token_on_behalf_of(shown, wanted)
    claims = given(first)
    is_of(claims, firm)
    assert (claims["aud"], claims["azp"]) == (firm.orders.client_id, firm.shop.client_id)
    assert (claims["scp"], claims["azpacr"]) == (READ, "1" if proof == "secret" else "2")
    assert (claims["oid"], claims["sub"] == claims_of(shown)["sub"]) == (claims_of(shown)["oid"], False)
    second = app.acquire_token_on_behalf_of(shown, wanted)
    assert second["access_token"] != first["access_token"]
    (account,) = app.get_accounts()
    kept = app.acquire_token_silent(wanted, account)
    assert (kept["token_source"], kept["access_token"]) == ("cache", second["access_token"])


@pytest.mark.parametrize(
    ("proof", "row"),
    [
        ("thumbprint", ("RS256", {"x5t"})),
        ("thumbprint and chain", ("RS256", {"x5t", "x5c"})),
        ("certificate", ("PS256", {"x5t#S256", "x5c"})),
        ("pfx", ("PS256", {"x5t#S256"})),
        ("pfx and chain", ("PS256", {"x5t#S256", "x5c"})),
    ],
)
def test_an_assertion_that_comes_twice(firm: Firm, shown: str, proof: str, row: tuple[str, set[str]]):
    """MSAL makes one for some minutes, and shows it each time: here that is no replay. Section 3.2."""
    assertions: list[str] = []

    def look(answer: requests.Response, **_: Any) -> None:
        form = parse_qs(str(answer.request.body))
        assertions.extend(form.get("client_assertion", ()))

    with requests.Session() as web:
        web.hooks["response"].append(look)
        app = application(firm, firm.shop, proof, http_client=web)
        for _ in range(2):
            assert given(app.acquire_token_on_behalf_of(shown, [firm.orders.scope(READ)]))
    first, second = assertions
    assert first == second
    header = jwt.get_unverified_header(first)
    assert (header["alg"], header.keys() - {"alg", "typ"}) == row
    claims = claims_of(first)
    assert (isinstance(claims["exp"], float), "nbf" in claims) == (True, False)


def test_everything_that_was_agreed_to(firm: Firm, shown: str):
    """`.default` is all of it, and MSAL finds it again by that name. Sections 8.2 and 2.7."""
    app, wanted = application(firm, firm.shop), [firm.orders.scope(".default")]
    assert given(app.acquire_token_on_behalf_of(shown, wanted))["scp"] == READ
    kept = app.acquire_token_silent(wanted, app.get_accounts()[0])
    assert kept["token_source"] == "cache"


def test_an_api_that_wants_older_tokens(firm: Firm, shown: str):
    """The format is the resource's choice, its name as it was typed. Sections 2.8 and 4.2."""
    claims = given(application(firm, firm.shop).acquire_token_on_behalf_of(shown, [f"{LEDGER}/Ledger.Read"]))
    is_of(claims, firm)
    assert (claims["ver"], claims["aud"], claims["scp"]) == ("1.0", LEDGER, "Ledger.Read")
    assert (claims["appid"], claims["appidacr"]) == (firm.shop.client_id, "1")


def test_the_next_api_goes_on(firm: Firm, shown: str):
    """An API that was called in somebody's name calls the next one likewise. Section 2.1."""
    far = firm.middle("Far")
    firm.agree(firm.shop, far, "access_as_user")
    firm.agree(far, firm.orders, READ)
    near = application(firm, firm.shop).acquire_token_on_behalf_of(shown, [far.scope("access_as_user")])
    claims = given(
        application(firm, far).acquire_token_on_behalf_of(near["access_token"], [firm.orders.scope(READ)])
    )
    assert (claims["azp"], claims["oid"]) == (far.client_id, claims_of(shown)["oid"])


def test_refreshing(firm: Firm, shown: str):
    """The refresh token is good for whatever was agreed to, by itself and for MSAL. Section 9.5."""
    app, wanted = application(firm, firm.shop), [firm.orders.scope(READ)]
    first = app.acquire_token_on_behalf_of(shown, wanted)
    account = app.get_accounts()[0]
    again = app.acquire_token_silent(wanted, account, force_refresh=True)
    assert again["token_source"] == "identity_provider"
    assert given(again)["scp"] == READ
    # An older one stays good; another resource is named by its own scopes.
    other = app.acquire_token_by_refresh_token(first["refresh_token"], [f"{LEDGER}/Ledger.Read"])
    assert given(other)["aud"] == LEDGER


def test_a_cache_of_yesterday(firm: Firm, shown: str):
    """What MSAL takes for expired it renews by itself. Section 12.1."""
    cache, wanted = msal.SerializableTokenCache(), [firm.orders.scope(READ)]
    first = application(firm, firm.shop, token_cache=cache).acquire_token_on_behalf_of(shown, wanted)
    kept = json.loads(cache.serialize())
    for token in kept["AccessToken"].values():
        token["expires_on"] = str(int(time.time()) - 1)
    cache.deserialize(json.dumps(kept))
    app = application(firm, firm.shop, token_cache=cache)
    again = app.acquire_token_silent(wanted, app.get_accounts()[0])
    assert again["token_source"] == "identity_provider"
    assert given(again)["oid"] == given(first)["oid"]


@pytest.mark.parametrize("proof", PROOFS)
def test_in_its_own_name(firm: Firm, proof: str):
    """An application's own token has its roles; MSAL asks once. Section 9.4."""
    app, wanted = application(firm, firm.shop, proof), [firm.orders.scope(".default")]
    first = app.acquire_token_for_client(wanted)
    claims = given(first)
    assert (claims["roles"], claims["sub"]) == (["Orders.Sync"], claims["oid"])
    assert not {"scp", "name"} & claims.keys()
    assert not {"refresh_token", "id_token", "client_info"} & first.keys()
    again = app.acquire_token_for_client(wanted)
    assert (again["token_source"], again["access_token"]) == ("cache", first["access_token"])


def test_its_own_token_is_no_assertion(firm: Firm):
    """Nobody is behind it in whose name one could go on. Section 2.6."""
    shop = application(firm, firm.shop)
    own = shop.acquire_token_for_client([firm.shop.scope(".default")])
    refused = shop.acquire_token_on_behalf_of(own["access_token"], [firm.orders.scope(READ)])
    assert (refused["error"], refused["error_codes"]) == ("unauthorized_client", [7000114])


def test_a_single_scope_in_its_own_name(firm: Firm):
    """An application names the resource alone. Section 9.4."""
    refused = application(firm, firm.shop).acquire_token_for_client([firm.orders.scope(READ)])
    assert (refused["error"], refused["error_codes"]) == ("invalid_scope", [1002012])


def test_a_resource_that_nobody_has(firm: Firm, shown: str):
    """It is said by its own number. Section 5.4."""
    refused = application(firm, firm.shop).acquire_token_on_behalf_of(shown, [f"{NOWHERE}/.default"])
    assert (refused["error"], refused["error_codes"]) == ("invalid_resource", [500011])


def test_a_token_for_somebody_else(firm: Firm, shown: str):
    """Only who was called may go on. Section 2.5."""
    app = application(firm, firm.shop)
    theirs = app.acquire_token_on_behalf_of(shown, [firm.orders.scope(READ)])["access_token"]
    refused = app.acquire_token_on_behalf_of(theirs, [f"{LEDGER}/.default"])
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [500131])


def test_a_wrong_secret(firm: Firm, shown: str):
    """It is a 401 with its number, and no such answer keeps MSAL from trying again. Section 5.4."""
    statuses: list[int] = []
    with requests.Session() as web:
        web.hooks["response"].append(lambda answer, **_: statuses.append(answer.status_code))
        told = {"authority": firm.authority, "instance_discovery": False, "http_client": web}
        app = msal.ConfidentialClientApplication(firm.shop.client_id, client_credential="wrong" * 8, **told)
        for _ in range(2):
            refused = app.acquire_token_on_behalf_of(shown, [firm.orders.scope(READ)])
            assert (refused["error"], refused["error_codes"]) == ("invalid_client", [7000215])
            assert refused["error_description"].startswith("AADSTS7000215: ")
            assert refused["correlation_id"] in refused["error_description"]
    assert statuses == [200, 401, 401]


def test_a_strange_certificate(firm: Firm, shown: str):
    """A key that was not registered is no proof. Section 5.4."""
    strange = application(replace(firm, card=a_card()), firm.shop, "certificate")
    refused = strange.acquire_token_on_behalf_of(shown, [firm.orders.scope(READ)])
    assert (refused["error"], refused["error_codes"]) == ("invalid_client", [700027])


def test_nobody_agreed(firm: Firm, person: Person):
    """That consent is missing MSAL is told, and for a minute believes; a new object succeeds. Section 8.3."""
    lone = firm.middle("Lone")
    shown = firm.token(person, lone)
    assert person.pages == ["/login", "/consent"]
    wanted = [firm.orders.scope(READ)]
    first = application(firm, lone)
    refused = first.acquire_token_on_behalf_of(shown, wanted)
    assert (refused["error"], refused["suberror"]) == ("invalid_grant", "consent_required")
    assert refused["error_codes"] == [65001]
    firm.agree(lone, firm.orders, READ)
    assert first.acquire_token_on_behalf_of(shown, wanted) == refused
    assert given(application(firm, lone).acquire_token_on_behalf_of(shown, wanted))["scp"] == READ


def test_a_scope_that_nobody_agreed_to(firm: Firm, shown: str):
    """What was agreed to of an API is not all of it. Section 8.7."""
    refused = application(firm, firm.shop).acquire_token_on_behalf_of(
        shown, [firm.orders.scope("Orders.Write")]
    )
    assert (refused["suberror"], refused["error_codes"]) == ("consent_required", [65001])


def test_the_person_agrees_for_both(firm: Firm, person: Person):
    """A site and the API behind it are agreed to on one page, when the API knows the site. Section 8.3."""
    site = firm.app("Known", web={"redirectUris": [CALLBACK]})
    knows = {"knownClientApplications": [site.client_id]}
    behind = firm.middle("Behind", api=knows, **needs(firm.orders, READS))
    firm.change(site.id, **needs(behind, ACCESS))
    app = application(firm, site)
    answered = sent(app, person, [behind.scope(".default")], redirect_uri=CALLBACK)
    assert person.pages == ["/login", "/consent"]
    shown = app.acquire_token_by_auth_code_flow(*answered)
    assert given(shown)["scp"] == "access_as_user"
    far = application(firm, behind).acquire_token_on_behalf_of(
        shown["access_token"], [firm.orders.scope(READ)]
    )
    assert given(far)["azp"] == behind.client_id


def test_roles_of_the_person(firm: Firm, shown: str):
    """They stay with the person; those of the application in between are its own. Section 2.1."""
    role = {"principalId": claims_of(shown)["oid"], "principalType": "User", "appRoleId": CLERK}
    firm.place.made("appRoleAssignments", **role, resourceId=firm.orders.client_id)
    found = application(firm, firm.shop).acquire_token_on_behalf_of(shown, [firm.orders.scope(READ)])
    assert given(found)["roles"] == ["Orders.Clerk"]


def test_claims_pass_through(firm: Firm, shown: str):
    """What MSAL says of its abilities, and of a challenge, disturbs nothing. Section 6.3."""
    challenge = json.dumps({"access_token": {"nbf": {"essential": True, "value": "1"}}})
    app = application(firm, firm.shop, client_capabilities=["cp1"])
    found = app.acquire_token_on_behalf_of(shown, [firm.orders.scope(READ)], claims_challenge=challenge)
    assert given(found)["scp"] == READ


def sent(app: Any, person: Person, wanted: list[str], *presses: str, **more: Any) -> tuple[Any, Any]:
    """What MSAL remembers of a request, and how it was answered: in a form, as it likes it best."""
    flow = app.initiate_auth_code_flow(wanted, response_mode="form_post", **more)
    assert person.visits(flow["auth_uri"], presses or YES) == more["redirect_uri"]
    return flow, person.posted


@pytest.mark.parametrize("name", ["site", "program"])
def test_a_person_signs_in(firm: Firm, person: Person, name: str):
    """A site and a program on one's own machine: code, PKCE, nonce and account. Sections 9.1 and 9.3."""
    registered, wanted = getattr(firm, name), [firm.shop.scope("access_as_user")]
    if name == "site":
        app, callback = application(firm, registered), CALLBACK
    else:
        told = {"authority": firm.authority, "instance_discovery": False}
        app = msal.PublicClientApplication(registered.client_id, **told)
        callback = f"http://localhost:{free_port()}"
    found = app.acquire_token_by_auth_code_flow(
        *sent(app, person, wanted, redirect_uri=callback, max_age=600)
    )
    assert "code_challenge_method=S256" in person.asked
    claims = found["id_token_claims"]
    is_of(claims, firm)
    assert (claims["iss"], claims["aud"]) == (f"{firm.authority}/v2.0", registered.client_id)
    assert given(found)["aud"] == firm.shop.client_id
    (account,) = app.get_accounts(ADDRESS)
    assert account["home_account_id"] == f"{claims['oid']}.{claims['tid']}"
    assert app.acquire_token_silent(wanted, account)["token_source"] == "cache"
    again = app.acquire_token_silent(wanted, account, force_refresh=True)
    assert again["token_source"] == "identity_provider"
    shop = application(firm, firm.shop)
    far = shop.acquire_token_on_behalf_of(again["access_token"], [firm.orders.scope(READ)])
    assert given(far)["oid"] == claims["oid"]


def test_an_answer_in_the_address(firm: Firm, person: Person):
    """Of that MSAL warns, and takes it. Section 9.1."""
    app = application(firm, firm.site)
    with pytest.warns(UserWarning, match="form_post"):
        flow = app.initiate_auth_code_flow([firm.shop.scope("access_as_user")], redirect_uri=CALLBACK)
    back = urlsplit(person.visits(flow["auth_uri"]))
    found = app.acquire_token_by_auth_code_flow(flow, dict(parse_qsl(back.query)))
    assert given(found)["azp"] == firm.site.client_id


def test_a_code_that_comes_twice(firm: Firm, person: Person):
    """It is refused; why it is not good is not told apart. RFC 6749 section 4.1.2."""
    flow, back = sent(
        app := application(firm, firm.site),
        person,
        [firm.shop.scope("access_as_user")],
        redirect_uri=CALLBACK,
    )
    assert given(app.acquire_token_by_auth_code_flow(flow, back))
    refused = app.acquire_token_by_auth_code_flow(flow, back)
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [70000])


def test_an_answer_to_somebody_else(firm: Firm, person: Person):
    """MSAL compares the state, and the server the verifier. RFC 6749 section 10.12, RFC 7636 section 4.6."""
    app = application(firm, firm.site)
    flow, back = sent(app, person, [firm.shop.scope("access_as_user")], redirect_uri=CALLBACK)
    with pytest.raises(ValueError, match="state mismatch"):
        app.acquire_token_by_auth_code_flow(flow, {**back, "state": "another"})
    refused = app.acquire_token_by_auth_code_flow({**flow, "code_verifier": "v" * 43}, back)
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [501481])


def test_the_person_says_no(firm: Firm, person: Person):
    """That comes back as an answer with an error. Section 5.2."""
    app = application(firm, firm.app("Refused", web={"redirectUris": [CALLBACK]}))
    answered = sent(app, person, [firm.shop.scope("access_as_user")], *NO, redirect_uri=CALLBACK)
    assert app.acquire_token_by_auth_code_flow(*answered)["error"] == "access_denied"


@pytest.mark.parametrize(
    "told",
    [
        {"authority": "{url}/{tenant}", "instance_discovery": False},
        {"authority": "{url}/{tenant}", "validate_authority": False},
        {"authority": "{url}/{tenant}", "instance_discovery": "{url}/common/discovery/instance"},
        {"authority": "{url}/{tenant}", "instance_discovery": "{url}/{tenant}/discovery/instance"},
        {"authority": "{url}/demo", "instance_discovery": False},
        {"authority": "{url}/DEMO", "instance_discovery": False},
        {"oidc_authority": "{url}/{tenant}/v2.0"},
    ],
    ids=["off", "not validated", "common", "tenant", "by name", "upper case", "oidc"],
)
def test_where_the_authority_is(firm: Firm, shown: str, told: dict[str, Any]):
    """Each of MSAL's ways to an authority that is not Microsoft's leads to the tenant. Section 12.1."""
    places = {"url": firm.place.url, "tenant": firm.tenant}
    means = {
        name: value.format(**places) if isinstance(value, str) else value for name, value in told.items()
    }
    app = msal.ConfidentialClientApplication(firm.shop.client_id, client_credential=firm.shop.secret, **means)
    assert app.authority.token_endpoint == f"{firm.authority}/oauth2/v2.0/token"
    assert given(app.acquire_token_on_behalf_of(shown, [firm.orders.scope(READ)]))["tid"] == firm.tenant


@pytest.mark.parametrize("alias", ["common", "organizations"])
def test_the_tenant_is_left_open(firm: Firm, person: Person, alias: str):
    """One for many tenants learns at the sign-in which it is; one for its own does not. Section 13."""
    web = {"redirectUris": [CALLBACK]}
    wide = firm.app("Wide", web=web, signInAudience="AzureADMultipleOrgs")
    wanted = [firm.shop.scope("access_as_user")]
    authority = f"{firm.place.url}/{alias}"
    app = application(firm, wide, authority=authority)
    found = app.acquire_token_by_auth_code_flow(*sent(app, person, wanted, redirect_uri=CALLBACK))
    assert given(found)["iss"] == found["id_token_claims"]["iss"] == f"{firm.authority}/v2.0"
    (account,) = app.get_accounts()
    assert account["home_account_id"].endswith(f".{firm.tenant}")
    assert app.acquire_token_silent(wanted, account, force_refresh=True)["token_type"] == "Bearer"
    narrow = application(firm, firm.shop, authority=authority)
    refused = narrow.acquire_token_on_behalf_of(found["access_token"], [firm.orders.scope(READ)])
    assert (refused["error"], refused["error_codes"]) == ("invalid_request", [50194])


def test_an_authority_that_is_somewhere_else(firm: Firm):
    """We speak for our own addresses only. Section 10.4."""
    told = {"authority": "https://another.example.com/common", "client_credential": "x"}
    with pytest.raises(ValueError, match="invalid_instance"):
        msal.ConfidentialClientApplication(
            firm.shop.client_id, **told, instance_discovery=f"{firm.place.url}/common/discovery/instance"
        )


def test_a_tenant_that_nobody_has(firm: Firm):
    """MSAL says that it does not find it. Section 10.1."""
    with pytest.raises(ValueError, match="double check your tenant name"):
        msal.PublicClientApplication(
            firm.program.client_id, authority=f"{firm.place.url}/nobody", instance_discovery=False
        )


@pytest.mark.parametrize("kind", ["saml2", "saml1"])
def test_on_behalf_of_to_an_assertion(firm: Firm, shown: str, kind: str):
    """An assertion comes in the place of a token, is verified by the metadata, and comes again by refresh."""
    app, wanted = application(firm, firm.shop), [firm.orders.scope(READ)]
    urn = f"urn:ietf:params:oauth:token-type:{kind}"
    told = app.acquire_token_on_behalf_of(shown, wanted, data={"requested_token_type": urn})
    assert "access_token" in told, told
    text = urlsafe_b64decode(told["access_token"] + "=" * (-len(told["access_token"]) % 4))
    address = f"{firm.authority}/FederationMetadata/2007-06/FederationMetadata.xml"
    described = etree.fromstring(requests.get(address, timeout=10).content)
    worn = described.findtext(".//{*}IDPSSODescriptor/{*}KeyDescriptor//{*}X509Certificate")
    name = "ID" if kind == "saml2" else "AssertionID"
    found = XMLVerifier().verify(text, x509_cert=worn, id_attribute=name)
    assert isinstance(found, VerifyResult)
    assert found.signed_xml is not None
    assert found.signed_xml.findtext(".//{*}Audience") == firm.orders.scope(READ).rpartition("/")[0]
    (account,) = app.get_accounts()
    # MSAL keeps it under another name than it looks for, and asks again: the family remembers what for.
    again = app.acquire_token_silent(wanted, account)
    assert again["access_token"][:12] == told["access_token"][:12]
