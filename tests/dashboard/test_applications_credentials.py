"""Credentials of an application: how it proves itself, its secret, its keys."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from msgspec.structs import replace

from sekisho.keys import certificate, secret
from sekisho.model.client import Client, Registration
from sekisho.model.step import Save
from sekisho.pages.dashboard.rooms.applications.credentials import CHOSEN, METHOD, OWN, REST
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import CREDENTIAL_ABSENT, SECRET_UNUSED
from tests.dashboard.desk import AtDesk, at_desk, shown, text_of
from tests.dashboard.forms import form_of, sends
from tests.tenants import NOW, SECRET, Clock
from tests.visitor import location

PAGE, ADD, ROTATE = (
    f"/applications/web/{rest}" for rest in ("credentials", "credentials/add", "rotate-secret")
)
ALL = {**OWN, **REST}
KEY = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(65_537, 2048)
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
PEM = serialization.Encoding.PEM


def pem() -> str:
    """The public half of the key as text."""
    return KEY.public_key().public_bytes(PEM, SPKI).decode()


def certified() -> str:
    """A certificate as text."""
    der = certificate.issue(RSA, "shop", NOW)
    return x509.load_der_x509_certificate(der).public_bytes(PEM).decode()


async def stands(desk: AtDesk) -> Client:
    """The application as it is kept."""
    found = await desk.tenant.store.named(Client, desk.tenant.id, "web")
    assert found is not None
    return found


async def added(desk: AtDesk, text: str = "") -> str:
    """The id of a key that was added by its form."""
    answer = await desk.fills(ADD, pem=text or pem(), name="2026")
    assert location(answer).endswith(f"/dashboard{PAGE}?done=credential_added")
    return (await stands(desk)).credentials[-1].id


async def test_what_is_not_changed_changes_nothing() -> None:
    """Sent as it stands, with a secret, with keys or public, the form changes nothing."""
    desk = await at_desk()
    await added(desk)
    for method in ("client_secret_post", "private_key_jwt", "none", "client_secret_jwt"):
        await sends(desk, PAGE, ALL, {METHOD: method})
        before = await stands(desk)
        assert before.token_endpoint_auth_method == method
        answer = await sends(desk, PAGE, ALL, {})
        assert (answer.status, await stands(desk)) == (303, before)


async def test_keys_that_are_ticked_count() -> None:
    """They make private_key_jwt the method, in place of the secret; without a tick the JWKS URL counts."""
    desk = await at_desk()
    one, two = await added(desk), await added(desk, certified())
    assert (await sends(desk, PAGE, ALL, {METHOD: "private_key_jwt", CHOSEN: [one, two]})).status == 303
    found = await stands(desk)
    assert (found.client_authentication_methods, found.secrets) == ({"private_key_jwt": (one, two)}, ())
    assert (await sends(desk, PAGE, ALL, {CHOSEN: [two]})).status == 303
    assert (await stands(desk)).client_authentication_methods == {"private_key_jwt": (two,)}
    url = "https://a.example/keys.json"
    assert (await sends(desk, PAGE, ALL, {CHOSEN: [], "jwks_uri": url})).status == 303
    found = await stands(desk)
    assert (found.client_authentication_methods, found.token_endpoint_auth_method) == ({}, "private_key_jwt")
    assert found.jwks_uri == url


async def test_a_new_method_may_come_with_a_secret() -> None:
    """It is on the page that answers, and nowhere else; ticks beside another method count for nothing."""
    desk = await at_desk()
    one = await added(desk)
    await sends(desk, PAGE, ALL, {METHOD: "private_key_jwt", CHOSEN: [one]})
    answer = await sends(desk, PAGE, ALL, {METHOD: "client_secret_basic", CHOSEN: [one]})
    found, said = await stands(desk), str(shown(answer)["secret"])
    secret.prove(said, found, NOW)
    assert found.client_authentication_methods == {}
    assert said in text_of(answer, desk.tenant)
    assert ("cache-control", "no-store") in answer.headers
    assert said not in await desk.text(PAGE)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({METHOD: "tls_client_auth"}, METHOD),
        ({"jwks_uri": "http://a.example/keys.json"}, "jwks_uri"),
        (
            {METHOD: "private_key_jwt", "token_endpoint_auth_signing_alg": "HS256"},
            "token_endpoint_auth_signing_alg",
        ),
        ({"assertion_audience": "anybody"}, "assertion_audience"),
    ],
    ids=str,
)
async def test_what_is_refused_is_told_at_its_field(typed: dict[str, str], field: str) -> None:
    """Nothing is saved."""
    desk = await at_desk()
    before = await stands(desk)
    answer = await sends(desk, PAGE, ALL, typed)
    assert (answer.status, list(form_of(answer).problems)) == (400, [field])
    assert await stands(desk) == before


async def test_a_key_of_somebody_else_is_not_chosen() -> None:
    """Only keys that the application has. Reason: credential_absent."""
    desk = await at_desk()
    answer = await sends(desk, PAGE, ALL, {METHOD: "private_key_jwt", CHOSEN: ["cred_gone"]})
    assert (answer.status, form_of(answer).problems[""].key) == (404, f"why.{CREDENTIAL_ABSENT.slug}.title")


async def test_keys_and_certificates_are_added() -> None:
    """What it is, the PEM says; the end comes from the certificate where that is wanted."""
    desk = await at_desk()
    await added(desk)
    answer = await desk.fills(ADD, pem=certified(), name="Cert", parse_expiry_from_cert="on", alg="RS256")
    assert answer.status == 303
    bare, cert = (await stands(desk)).credentials
    assert (bare.kind, bare.algs, bare.expires_at) == ("public_key", ("EdDSA", "Ed25519"), None)
    assert (cert.kind, cert.algs[0], cert.name) == ("x509_cert", "RS256", "Cert")
    assert cert.expires_at
    text = await desk.text(PAGE)
    assert "Public key, EdDSA" in text
    assert "Certificate, RS256" in text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"pem": ""}, "pem"),
        ({"pem": "hello"}, "pem"),
        ({"pem": "x" * 20_000}, "pem"),
        ({"pem": pem(), "alg": "RS256"}, "alg"),
        ({"pem": pem(), "kid": "with a space"}, "kid"),
        ({"pem": pem(), "name": "x" * 129}, "name"),
        ({"pem": pem(), "parse_expiry_from_cert": "on"}, "parse_expiry_from_cert"),
    ],
    ids=("nothing", "no-pem", "long", "alg", "kid", "name", "no-certificate"),
)
async def test_what_is_no_key_is_told_at_its_field(typed: dict[str, str], field: str) -> None:
    """Nothing is added."""
    desk = await at_desk()
    answer = await desk.fills(ADD, **typed)
    assert (answer.status, list(form_of(answer).problems)) == (400, [field])
    assert (await stands(desk)).credentials == ()


async def test_a_private_key_is_not_shown_again() -> None:
    """Whoever sends one by mistake does not find it in the answer, nor in the audit."""
    desk = await at_desk()
    kind, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private = KEY.private_bytes(PEM, kind, none).decode()
    answer = await desk.fills(ADD, pem=private, name="Oops")
    assert (answer.status, form_of(answer).text("name")) == (400, "Oops")
    line = private.splitlines()[1]
    assert line not in text_of(answer, desk.tenant)
    assert line not in str([event.detail for event in await desk.happened()])


async def test_a_key_is_deleted_once_it_does_not_count() -> None:
    """One that is ticked stays, and the page that asks says why. Reason: credential_bound."""
    desk = await at_desk()
    one = await added(desk)
    address = f"{PAGE}/{one}/delete"
    await sends(desk, PAGE, ALL, {METHOD: "private_key_jwt", CHOSEN: [one]})
    assert f'href="/dashboard{address}"' not in await desk.text(PAGE)
    answer = await desk.fills(address)
    assert (answer.status, form_of(answer).problems[""].key) == (400, "why.credential_bound.title")
    await sends(desk, PAGE, ALL, {METHOD: "client_secret_post"})
    assert f'href="/dashboard{address}"' in await desk.text(PAGE)
    assert "Delete <bdi>2026</bdi>?" in await desk.text(address)
    assert location(await desk.fills(address)).endswith("?done=credential_deleted")
    assert (await stands(desk)).credentials == ()
    with pytest.raises(Refused, match=CREDENTIAL_ABSENT.slug):
        await desk.get(address)


@pytest.mark.parametrize(
    ("overlap", "seconds"), [("0", 0), ("3600", 3_600), ("86400", 86_400), ("2592000", 2_592_000)]
)
async def test_a_secret_is_rotated(overlap: str, seconds: int) -> None:
    """The new one is shown this once; the one before ends when its overlap is over."""
    clock = Clock()
    desk = await at_desk("Editor", clock)
    answer = await desk.fills(ROTATE, previous_expires_in=overlap)
    said, found = str(shown(answer)["secret"]), await stands(desk)
    secret.prove(said, found, clock.now)
    assert [each.expires_at for each in found.secrets] == ([NOW + seconds, None] if seconds else [None])
    assert said in text_of(answer, desk.tenant)
    assert said not in await desk.text(PAGE)
    (event,) = [each for each in await desk.happened() if each.slug == "client_secret_rotated"]
    assert (event.user, said in str(event.detail)) == (desk.user.user_id, False)
    clock.now += seconds
    with pytest.raises(Refused):
        secret.prove(SECRET, found, clock.now)


@pytest.mark.parametrize("overlap", ["-1", "2592001", "soon"])
async def test_an_overlap_has_an_end(overlap: str) -> None:
    """30 days at most; nothing is made."""
    desk = await at_desk()
    before = await stands(desk)
    answer = await desk.fills(ROTATE, previous_expires_in=overlap)
    assert (answer.status, list(form_of(answer).problems)) == (400, ["previous_expires_in"])
    assert await stands(desk) == before


async def test_what_has_no_secret_rotates_none() -> None:
    """It is not offered, and refused. Reason: secret_unused."""
    desk = await at_desk()
    await sends(desk, PAGE, ALL, {METHOD: "none"})
    assert "rotate-secret" not in await desk.text(PAGE)
    assert "rotate-secret" not in await desk.text("/applications/web/settings")
    with pytest.raises(Refused, match=SECRET_UNUSED.slug):
        await desk.get(ROTATE)


async def test_of_an_installation_only_the_secret_changes() -> None:
    """How it proves itself it has said itself; its tokens end with its secret, and the page says so."""
    desk = await at_desk()
    installed = Registration(application="a", statement="s")
    assert await desk.tenant.change(Save(replace(await stands(desk), registration=installed))) is None
    assert 'id="save"' not in await desk.text(PAGE)
    answer = await sends(desk, PAGE, ALL, {METHOD: "none"})
    assert (answer.status, form_of(answer).problems[""].key) == (400, "why.registration_decides.title")
    assert "the tokens that it asked for with the secret before end at once" in await desk.text(ROTATE)
    await desk.fills(ROTATE, previous_expires_in="0")
    assert (await stands(desk)).registration == replace(installed, generation=2)


async def test_an_expired_secret_is_said() -> None:
    """An application that cannot prove itself any more does not look well."""
    clock = Clock()
    desk = await at_desk(clock=clock)
    over = replace(secret.remember(SECRET, NOW - 10), expires_at=NOW - 5)
    assert await desk.tenant.change(Save(replace(await stands(desk), secrets=(over,)))) is None
    for address in (PAGE, "/applications"):
        assert "Secret expired" in await desk.text(address)
