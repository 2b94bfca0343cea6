"""/api/v2/clients/{id}/credentials."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from sekisho.keys import certificate, client_key
from sekisho.model.client import Client
from sekisho.store import Window
from tests.tenants import NOW

RSA = rsa.generate_private_key(65_537, 2048)
CERTIFICATE = certificate.issue(RSA, "shop", NOW)
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def pem(private=RSA):
    """The public half of a key as text."""
    return private.public_key().public_bytes(serialization.Encoding.PEM, SPKI).decode()


@pytest.fixture
async def place(desk) -> str:
    """Where the credentials of a client are."""
    made = await desk.made("POST /clients", {"name": "Shop"})
    return f"/clients/{made['client_id']}/credentials"


async def stored(desk, place: str) -> Client:
    """The client as the store has it."""
    found: Client = await desk.tenant.store.named(Client, desk.tenant.id, place.split("/")[2])
    return found


def of_key(private=RSA, **more: object) -> dict:
    """A body for a bare key."""
    return {"credential_type": "public_key", "pem": pem(private), **more}


def of_certificate(**more: object) -> dict:
    """A body for a certificate."""
    return {"credential_type": "x509_cert", "pem": certificate.pem(CERTIFICATE), **more}


async def test_a_key_is_added_and_never_shown(desk, place):
    """A credential has a name of its own; what was read from the PEM is not shown again."""
    answer = await desk.ask(f"POST {place}", of_key(name="laptop", kid="k1", alg="PS256"))
    assert answer.status == 201
    made = answer.json
    assert made.pop("id").startswith("cred_")
    at = "2027-01-15T08:00:00.000Z"
    assert made == {
        "credential_type": "public_key",
        "kid": "k1",
        "alg": "PS256",
        "name": "laptop",
        "created_at": at,
        "updated_at": at,
    }
    assert "BEGIN" not in str((await desk.ask(f"GET {place}")).json)


async def test_credentials_are_listed_and_read(desk, place):
    """The list has them in the order they were added; each is found by its id, cut as asked for."""
    first = await desk.made(f"POST {place}", of_key())
    second = await desk.made(f"POST {place}", of_certificate())
    assert (await desk.ask(f"GET {place}")).json == [first, second]
    assert (await desk.ask(f"GET {place}/{second['id']}")).json == second
    assert (await desk.ask(f"GET {place}?fields=alg")).json == [{"alg": "RS256"}] * 2
    assert (await desk.ask(f"GET {place}/{first['id']}?fields=id")).json == {"id": first["id"]}


async def test_a_certificate_goes_by_its_thumbprint(desk, place):
    """A certificate is kept whole; its SHA-256 thumbprint is shown."""
    made = await desk.made(f"POST {place}", of_certificate())
    assert made["thumbprint_sha256"] == certificate.fingerprint(CERTIFICATE)
    assert "kid" not in made
    assert (await stored(desk, place)).credentials[0].der == CERTIFICATE


@pytest.mark.parametrize(
    ("asked", "algs"),
    [({}, ("RS256", "PS256")), ({"alg": "PS256"}, ("PS256",)), ({"alg": "RS256"}, ("RS256",))],
)
async def test_a_certificate_is_for_both_algorithms_of_its_clients(desk, place, asked, algs):
    """Libraries that name a certificate sign with RS256 or PS256: unless one is said, both do. entra 3.1."""
    made = await desk.made(f"POST {place}", of_certificate(**asked))
    assert made["alg"] == algs[0]
    assert (await stored(desk, place)).credentials[0].algs == algs


async def test_a_bare_key_is_for_one_algorithm(desk, place):
    """A key signs by one algorithm, also where it came in a certificate. RFC 8725 section 3.1."""
    await desk.made(f"POST {place}", of_certificate(credential_type="public_key"))
    assert (await stored(desk, place)).credentials[0].algs == ("RS256",)


async def test_a_credential_begins_when_it_was_said_to(desk, place):
    """Before its start a credential proves nothing; the start is shown and stays as it is. entra 3.1, 11."""
    begins = {"starts_at": "2027-01-15T09:00:00Z"}
    made = await desk.made(f"POST {place}", of_key(**begins))
    assert made["starts_at"] == "2027-01-15T09:00:00.000Z"
    chosen = {"private_key_jwt": {"credentials": [{"id": made["id"]}]}}
    await desk.made(f"PATCH {place.removesuffix('/credentials')}", {"client_authentication_methods": chosen})
    client = await stored(desk, place)
    assert client_key.registered(client, NOW + 3_599) == ()
    assert len(client_key.registered(client, NOW + 3_600)) == 1
    answer = await desk.ask(f"PATCH {place}/{made['id']}", begins)
    assert "Additional properties not allowed" in answer.json["message"]
    early = await desk.ask(f"PATCH {place}/{made['id']}", {"expires_at": begins["starts_at"]})
    assert early.json["message"].endswith("'Does not come after starts_at' on property expires_at")


async def test_a_certificate_may_carry_a_bare_key(desk, place):
    """Who asks for a key may send it in a certificate, whose end counts if that is asked for."""
    body = of_certificate(credential_type="public_key", parse_expiry_from_cert=True)
    made = await desk.made(f"POST {place}", body)
    ends = x509.load_der_x509_certificate(CERTIFICATE).not_valid_after_utc
    assert made["credential_type"] == "public_key"
    assert made["expires_at"] == ends.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert "thumbprint_sha256" not in made


@pytest.mark.parametrize(
    ("private", "alg"),
    [
        (RSA, "RS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
    ],
)
async def test_the_algorithm_follows_from_the_key(desk, place, private, alg):
    """Without an algorithm a key is for the usual one; its kid follows from the key."""
    made = await desk.made(f"POST {place}", of_key(private))
    assert made["alg"] == alg
    assert len(made["kid"]) == 43


async def test_both_names_of_an_algorithm_are_one(desk, place):
    """A key for EdDSA is good under each of its names. RFC 9864 section 2.2."""
    for asked in ({"alg": "Ed25519"}, {}):
        made = await desk.made(f"POST {place}", of_key(ed25519.Ed25519PrivateKey.generate(), **asked))
        assert made["alg"] == asked.get("alg", "EdDSA")
        assert sorted((await stored(desk, place)).credentials[-1].algs) == ["Ed25519", "EdDSA"]


async def test_the_end_of_a_credential_changes(desk, place):
    """Only when it ends can be changed; null lets it live on, and an end in the past is one at once."""
    made = await desk.made(f"POST {place}", of_key(expires_at="2030-01-01T00:00:00+09:00"))
    assert made["expires_at"] == "2029-12-31T15:00:00.000Z"
    one = f"{place}/{made['id']}"
    chosen = {"private_key_jwt": {"credentials": [{"id": made["id"]}]}}
    await desk.made(f"PATCH {place.removesuffix('/credentials')}", {"client_authentication_methods": chosen})
    assert len(client_key.registered(await stored(desk, place), NOW)) == 1
    desk.clock.now += 5
    ended = await desk.made(f"PATCH {one}", {"expires_at": "2020-01-01T00:00:00Z"})
    assert ended["updated_at"] == "2027-01-15T08:00:05.000Z"
    assert client_key.registered(await stored(desk, place), NOW) == ()
    assert "expires_at" not in await desk.made(f"PATCH {one}", {"expires_at": None})
    version = (await stored(desk, place)).version
    for body in ({}, {"expires_at": None}):
        await desk.made(f"PATCH {one}", body)
    assert (await stored(desk, place)).version == version


async def test_a_credential_in_use_is_not_removed(desk, place):
    """What the client authenticates with is taken out of its methods first."""
    made = await desk.made(f"POST {place}", of_key())
    client = place.removesuffix("/credentials")
    chosen = {"private_key_jwt": {"credentials": [{"id": made["id"]}]}}
    await desk.made(f"PATCH {client}", {"client_authentication_methods": chosen})
    answer = await desk.ask(f"DELETE {place}/{made['id']}")
    assert (answer.status, answer.json["errorCode"]) == (400, "operation_not_supported")
    assert desk.refused.reason.slug == "credential_bound"
    await desk.made(f"PATCH {client}", {"client_authentication_methods": None})
    assert (await desk.ask(f"DELETE {place}/{made['id']}")).status == 204
    assert (await stored(desk, place)).credentials == ()


async def test_credentials_are_few(desk, place):
    """A client has ten credentials at most."""
    for _ in range(10):
        await desk.made(f"POST {place}", of_key(ed25519.Ed25519PrivateKey.generate()))
    answer = await desk.ask(f"POST {place}", of_key())
    assert (answer.status, answer.json["errorCode"]) == (400, "operation_not_supported")
    assert desk.refused.reason.slug == "credentials_many"


@pytest.mark.parametrize("line", ["GET {}/cred_x", "PATCH {}/cred_x", "DELETE {}/cred_x"])
async def test_an_unknown_credential_is_absent(desk, place, line):
    """A credential that is not the client's is answered 404."""
    body = {"expires_at": "2030-01-01T00:00:00Z"} if line.startswith("PATCH") else None
    answer = await desk.ask(line.format(place), body)
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_credential")
    assert desk.refused.reason.slug == "credential_absent"


@pytest.mark.parametrize("line", ["GET {}", "POST {}", "GET {}/x", "PATCH {}/x", "DELETE {}/x"])
async def test_an_unknown_client_has_none(desk, line):
    """The client has to exist."""
    body = of_key() if line.startswith("POST") else {} if line.startswith("PATCH") else None
    answer = await desk.ask(line.format("/clients/nobody/credentials"), body)
    assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_client")


async def test_versions_are_those_of_the_client(desk, place):
    """Credentials change with their client: its version guards them."""
    answer = await desk.ask(f"POST {place}", of_key(), if_match='"1"')
    assert dict(answer.headers)["etag"] == '"2"'
    one = f"{place}/{answer.json['id']}"
    assert (await desk.ask(f"DELETE {one}", if_match='"1"')).status == 412
    assert (
        await desk.ask(f"PATCH {one}", {"expires_at": "2030-01-01T00:00:00Z"}, if_match='"1"')
    ).status == 412
    assert (await desk.ask(f"DELETE {one}", if_match='"2"')).status == 204


async def test_the_audit_has_the_deeds(desk, place):
    """Each change of a credential is remembered with its name, and not with its key."""
    made = await desk.made(f"POST {place}", of_key())
    await desk.made(f"PATCH {place}/{made['id']}", {"expires_at": "2030-01-01T00:00:00Z"})
    await desk.ask(f"DELETE {place}/{made['id']}")
    events = await desk.tenant.store.events(desk.tenant.id, {}, Window(limit=3))
    assert [event.slug for event in events] == [
        "credential_deleted",
        "credential_changed",
        "credential_created",
    ]
    assert all(event.detail["credential"] == made["id"] for event in events)


private = RSA.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_body"),
        ({"credential_type": "public_key"}, "invalid_body"),
        ({"pem": pem()}, "invalid_body"),
        (of_key(id="cred_x"), "invalid_body"),
        (of_key(credential_type="magic"), "invalid_body"),
        (of_key(credential_type="x509_cert"), "invalid_body"),
        (of_key(credential_type="cert_subject_dn"), "operation_not_supported"),
        (of_key(subject_dn="CN=x"), "operation_not_supported"),
        (of_key(pem="x"), "invalid_body"),
        (of_key(pem=private), "invalid_body"),
        (of_key(pem="-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"), "invalid_body"),
        (of_key(pem="x" * 16_385), "invalid_body"),
        (of_key(alg="ES256"), "invalid_body"),
        (of_key(alg="HS256"), "invalid_body"),
        (of_key(alg="none"), "invalid_body"),
        (of_key(kid="a b"), "invalid_body"),
        (of_key(kid="x" * 65), "invalid_body"),
        (of_key(name="x" * 129), "invalid_body"),
        (of_key(parse_expiry_from_cert=True), "invalid_body"),
        (of_key(expires_at="2030-01-01T00:00:00"), "invalid_body"),
        (of_key(expires_at="tomorrow"), "invalid_body"),
        (of_key(expires_at=1), "invalid_body"),
        (of_key(starts_at="tomorrow"), "invalid_body"),
        (of_key(starts_at="2030-01-01T00:00:00Z", expires_at="2029-01-01T00:00:00Z"), "invalid_body"),
        (of_key(foo=1), "invalid_body"),
    ],
)
async def test_refuses_what_is_no_credential(desk, place, body, code):
    """A credential is a public key that verifies something here, and nothing else."""
    answer = await desk.ask(f"POST {place}", body)
    assert (answer.status, answer.json["errorCode"]) == (400, code)
    assert (await stored(desk, place)).credentials == ()


async def test_the_same_key_is_added_once(desk, place):
    """A key that the client has already is refused."""
    await desk.made(f"POST {place}", of_key())
    assert (await desk.ask(f"POST {place}", of_key(name="again"))).json["errorCode"] == "invalid_body"


@pytest.mark.parametrize(
    "name", ["id", "pem", "alg", "kid", "name", "credential_type", "parse_expiry_from_cert"]
)
async def test_what_a_credential_is_does_not_change(desk, place, name):
    """Another key is another credential."""
    made = await desk.made(f"POST {place}", of_key())
    answer = await desk.ask(f"PATCH {place}/{made['id']}", {name: "x"})
    assert "Additional properties not allowed" in answer.json["message"]
