"""Certificates and secrets of one application beside each other, and federated credentials."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from sekisho.keys import certificate, secret
from sekisho.model.client import Client
from sekisho.pages.dashboard.rooms.applications import federated
from sekisho.pages.dashboard.rooms.applications.credentials import OWN, REST
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CREDENTIAL_ABSENT
from tests.dashboard.desk import AtDesk, another, at_desk, shown, text_of
from tests.dashboard.entra import at, leads, made, stands
from tests.dashboard.forms import form_of, sends
from tests.tenants import NOW

PAGE, ADD, MORE, FEDERATED = (
    "credentials",
    "credentials/add",
    "credentials/new-secret",
    "credentials/new-federated",
)
RSA = rsa.generate_private_key(65_537, 2_048)
A_DAY = 86_400
TRUSTED = {
    "name": "build-server",
    "issuer": "https://tokens.example.com",
    "subject": "repo:example/basket",
    "audiences": "api://AzureADTokenExchange",
}


def pem(name: str = "basket", key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey = RSA) -> str:
    """A certificate as text."""
    der = certificate.issue(key, name, NOW)
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()


async def basket() -> tuple[AtDesk, Client]:
    """A desk with an application."""
    desk = await at_desk("Editor")
    return desk, (await made(desk)).client


async def now(desk: AtDesk, client: Client) -> Client:
    """An application as it is kept."""
    found = await desk.tenant.store.record(Client, desk.tenant.id, client.id)
    assert found
    return found


def of(client: Client, rest: str) -> str:
    """A page of an application."""
    return f"/applications/{client.client_id}/{rest}"


async def test_a_secret_is_made_beside_others() -> None:
    """It is shown this once, has a name and an end; all that are there prove the application."""
    desk, client = await basket()
    texts = []
    for name, days in (("Shop in Osaka", 30), ("", 730)):
        answer = await desk.fills(of(client, MORE), displayName=name, days=str(days))
        texts.append(str(shown(answer)["secret"]))
        assert texts[-1] in text_of(answer, desk.tenant)
        assert ("cache-control", "no-store") in answer.headers
    found = await now(desk, client)
    assert [(each.name, each.expires_at) for each in found.secrets] == [
        ("Shop in Osaka", NOW + 30 * A_DAY),
        ("", NOW + 730 * A_DAY),
    ]
    for each in texts:
        secret.prove(each, found, NOW)
        assert each not in await desk.text(of(client, PAGE))
    assert "Shop in Osaka" in await desk.text(of(client, PAGE))
    events = [each for each in await desk.happened() if each.slug == "client_secret_added"]
    assert [(each.user, texts[0] in str(each.detail)) for each in events] == [(desk.user.user_id, False)] * 2


@pytest.mark.parametrize("days", ["", "0", "31", "x", "-30"])
async def test_a_secret_has_an_end(days: str) -> None:
    """One of those that are offered; nothing is made otherwise."""
    desk, client = await basket()
    answer = await desk.fills(of(client, MORE), displayName="Kept", days=days)
    assert (answer.status, list(form_of(answer).problems)) == (400, ["days"])
    assert form_of(answer).text("displayName") == "Kept"
    answer = await desk.fills(of(client, MORE), displayName="x" * 91, days="30")
    assert (answer.status, list(form_of(answer).problems)) == (400, ["displayName"])
    assert (await now(desk, client)).secrets == ()


async def test_a_secret_is_removed() -> None:
    """The others stay good. Reason: credential_absent, where it is gone already."""
    desk, client = await basket()
    kept, gone = [
        str(shown(await desk.fills(of(client, MORE), days="30", displayName=name))["secret"])
        for name in ("One", "Two")
    ]
    found = await now(desk, client)
    page = of(client, f"credentials/secrets/{found.secrets[1].id}/remove")
    assert "Remove <bdi>Two</bdi>?" in await desk.text(page)
    assert leads(await desk.fills(page), f"{of(client, PAGE)}?done=secret_removed")
    found = await now(desk, client)
    secret.prove(kept, found, NOW)
    with pytest.raises(Refused):
        secret.prove(gone, found, NOW)
    with pytest.raises(Refused, match=CREDENTIAL_ABSENT.slug):
        await desk.get(page)


async def test_a_certificate_counts_beside_a_secret() -> None:
    """At once, with its thumbprint and its dates; the form of the page changes nothing of it."""
    desk, client = await basket()
    await desk.fills(of(client, MORE), days="30")
    answer = await desk.fills(of(client, ADD), pem=pem(), name="Tokyo", usage="Verify")
    assert leads(answer, f"{of(client, PAGE)}?done=certificate_added")
    found = await now(desk, client)
    (credential,) = found.credentials
    assert found.token_endpoint_auth_method == "client_secret_post"
    assert found.client_authentication_methods == {"private_key_jwt": (credential.id,)}
    text = await desk.text(of(client, PAGE))
    for part in ("Tokyo", "Thumbprint", "<code>private_key_jwt</code>", "Starts "):
        assert part in text
    assert (await sends(desk, of(client, PAGE), {**OWN, **REST}, {})).status == 303
    assert await now(desk, client) == found
    assert (await sends(desk, of(client, PAGE), REST, {"assertion_audience": "issuer"})).status == 303
    changed = await now(desk, client)
    assert (changed.assertion_audience, changed.secrets) == ("issuer", found.secrets)
    assert changed.client_authentication_methods == found.client_authentication_methods
    page = of(client, f"credentials/{credential.id}/delete")
    assert f'href="/dashboard{page}"' in text
    assert leads(await desk.fills(page), f"{of(client, PAGE)}?done=credential_deleted")
    found = await now(desk, client)
    assert (found.credentials, found.client_authentication_methods, len(found.secrets)) == ((), {}, 1)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"pem": ""}, "pem"),
        ({"pem": "hello"}, "pem"),
        ({"pem": pem(), "usage": "Sign"}, ""),
        ({"pem": pem(), "usage": "Anything"}, "usage"),
        ({"pem": pem(key=ed25519.Ed25519PrivateKey.generate()), "usage": "Encrypt"}, "pem"),
        ({"pem": pem(), "name": "x" * 91}, "name"),
    ],
    ids=("nothing", "no-certificate", "sign", "anything", "no-rsa", "name"),
)
async def test_what_is_no_certificate_is_told_at_its_field(typed: dict[str, str], field: str) -> None:
    """Nothing is added."""
    desk, client = await basket()
    answer = await desk.fills(of(client, ADD), **{"usage": "Verify", **typed})
    assert (answer.status, list(form_of(answer).problems)) == (400, [field])
    assert (await now(desk, client)).credentials == ()


async def test_a_certificate_for_encryption_signs_nothing() -> None:
    """It has no box to tick, and it stays as long as tokens are encrypted to it."""
    desk, client = await basket()
    await desk.fills(of(client, ADD), pem=pem("first"), usage="Encrypt")
    found = await now(desk, client)
    (credential,) = found.credentials
    assert found.client_authentication_methods == {}
    text = await desk.text(of(client, PAGE))
    assert "For encryption" in text
    assert 'name="client_authentication_methods"' not in text
    await desk.fills(of(client, "token-configuration"), tokenEncryptionKeyId=credential.id)
    await desk.fills(of(client, MORE), days="30")
    await desk.fills(of(client, ADD), pem=pem("second"), usage="Verify")
    answer = await desk.fills(of(client, f"credentials/{credential.id}/delete"))
    assert (answer.status, list(form_of(answer).problems)) == (400, [""])
    assert credential in (await now(desk, client)).credentials


async def test_federated_credentials_come_and_go() -> None:
    """By their issuer, subject and audience; the audience of clouds stands there already."""
    desk, client = await basket()
    page = of(client, FEDERATED)
    assert form_of(await desk.get(page)).lines("audiences") == TRUSTED["audiences"]
    assert leads(await desk.fills(page, **TRUSTED), f"{of(client, PAGE)}?done=certificate_added")
    (found,) = (await now(desk, client)).federated
    assert (found.name, found.issuer, found.subject) == (
        *("build-server", "https://tokens.example.com"),
        "repo:example/basket",
    )
    for part in TRUSTED.values():
        assert part in await desk.text(of(client, PAGE))
    page = of(client, f"credentials/federated/{found.id}/remove")
    assert "Remove <bdi>build-server</bdi>?" in await desk.text(page)
    assert leads(await desk.fills(page), f"{of(client, PAGE)}?done=credential_deleted")
    assert (await now(desk, client)).federated == ()
    with pytest.raises(Refused, match=CREDENTIAL_ABSENT.slug):
        await desk.fills(of(client, FEDERATED), page)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": "ab"}, "name"),
        ({"issuer": "http://tokens.example.com"}, "issuer"),
        ({"subject": ""}, "subject"),
        ({"audiences": ""}, "audiences"),
        ({"audiences": "one\ntwo"}, "audiences"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_one_is_told_at_its_field(typed: dict[str, str], field: str) -> None:
    """Nothing is trusted."""
    desk, client = await basket()
    answer = await desk.fills(of(client, FEDERATED), **{**TRUSTED, **typed})
    assert (answer.status, list(form_of(answer).problems)) == (400, [field])
    assert set(form_of(answer).values) == set(federated.KINDS)
    assert (await now(desk, client)).federated == ()


async def test_who_may_only_look_is_offered_nothing() -> None:
    """A viewer sees what there is, and no way to change it."""
    desk = await at_desk()
    application = await made(desk)
    await desk.fills(at(application, MORE), days="30", displayName="Kept")
    await desk.fills(at(application, FEDERATED), **TRUSTED)
    viewer = await another(desk.tenant, "Viewer")
    text = await viewer.text(at(await stands(desk, application), PAGE))
    assert "Kept" in text
    for part in ("/new-secret", "/new-federated", "/remove", 'id="save"'):
        assert part not in text
