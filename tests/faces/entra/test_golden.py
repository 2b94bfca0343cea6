"""The reference document's own requests and answers: as they stand there, and as they are answered here."""

from collections.abc import Mapping
from hashlib import sha1
from urllib.parse import parse_qsl

import pytest

from sekisho.app import lost, urls
from sekisho.keys import secret
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.spec.jose import encode, read_compact
from sekisho.tenant import Tenant
from sekisho.web.door import Building, Door
from tests.entra import RECORDS, SPA, Visitor, agreed, answered, application, exposed, posted, redeeming
from tests.faces.entra.desk import Desk
from tests.oauth.test_client_assertion import segment, signature
from tests.oauth.test_client_assertion_certificate import credential, der
from tests.tenants import NOW, ORIGIN, TENANT, Clock, demo_directory
from tests.visitor import person

BY_SECRET = "535fb089-9ff3-47b6-9bfb-4f1264799865"
BY_CERTIFICATE = "625391af-c675-43e5-8e44-edd3e30ceb15"
GRAPH = "https://graph.microsoft.com"
# The bodies of the document's requests, where an assertion is cut short and lines end for legibility only.
FIRST = """grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer
&client_id=535fb089-9ff3-47b6-9bfb-4f1264799865
&client_secret=sampleCredentia1s
&assertion={assertion}
&scope=https://graph.microsoft.com/user.read+offline_access
&requested_token_use=on_behalf_of"""
SECOND = """grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer
&client_id=625391af-c675-43e5-8e44-edd3e30ceb15
&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer
&client_assertion={client_assertion}
&assertion={assertion}
&requested_token_use=on_behalf_of
&scope=https://graph.microsoft.com/user.read+offline_access"""
ENDPOINT = f"/{TENANT}/oauth2/v2.0/token"

# The claims of the document's decoded token, and what each of them is in ours: a value, or a kind of text.
SAMPLE: Mapping[str, object] = {
    "aud": GRAPH,
    "iss": f"{ORIGIN}/{TENANT}/",
    "iat": NOW,
    "nbf": NOW,
    "exp": NOW + 3_600,
    "acr": "0",
    "aio": str,
    "amr": ["pwd"],
    "app_displayname": "TodoDotnetObo",
    "appid": BY_SECRET,
    "appidacr": "1",
    "family_name": "Sato",
    "given_name": "Aya",
    "ipaddr": "198.51.100.7",
    "name": "Aya Sato",
    "oid": person().id,
    "onprem_sid": "S-1-5-21-1",
    "scp": "User.Read",
    "sub": str,
    "tid": TENANT,
    "unique_name": "aya@example.com",
    "upn": "aya@example.com",
    "uti": str,
    "ver": "1.0",
}
# Those of it that are not said, and why.
UNSAID: Mapping[str, str] = {
    "platf": "a number for the kind of device, whose meaning is not published",
    "puid": "the number of a person in a directory of Microsoft's own",
}
# The header's members: `nonce` makes ordinary verification fail by design, so it is left out.
HEADER = {"typ": "JWT", "alg": "RS256"}
UNSAID_HEADER: Mapping[str, str] = {"nonce": "with it the signature would not verify as it is"}
SAMPLE_CLAIMS = frozenset(
    (
        *("aud", "iss", "iat", "nbf", "exp", "acr", "aio", "amr", "app_displayname", "appid", "appidacr"),
        *("family_name", "given_name", "ipaddr", "name", "oid", "onprem_sid", "platf", "puid", "scp", "sub"),
        *("tid", "unique_name", "upn", "uti", "ver"),
    )
)
SAMPLE_HEADER = frozenset(("typ", "nonce", "alg", "x5t", "kid"))
SAMPLE_ANSWER = frozenset(
    (*("token_type", "scope", "expires_in", "ext_expires_in", "access_token", "refresh_token"),)
)


@pytest.fixture
async def desk() -> Desk:
    """The document's applications, called by a page in Aya's name, and Graph behind them."""
    directory = await demo_directory(Clock())
    made = Desk(directory, Door(Building(directory, urls(), {}, lost)))
    claims = {**person().claims, "name": "Aya Sato", "family_name": "Sato", "given_name": "Aya"}
    aya = {"claims": claims, "app_metadata": {"onprem_sid": "S-1-5-21-1"}}
    method = {"private_key_jwt": ("cred_1",)}
    records = (
        *RECORDS,
        application(BY_SECRET, "TodoDotnetObo", secrets=(secret.remember("sampleCredentia1s", NOW),)),
        application(
            *(BY_CERTIFICATE, "By certificate"),
            secrets=(),
            credentials=(credential(),),
            client_authentication_methods=method,
        ),
        *(exposed(each, f"api://{each}", "access_as_user") for each in (BY_SECRET, BY_CERTIFICATE)),
        *(agreed(SPA, each, "access_as_user") for each in (BY_SECRET, BY_CERTIFICATE)),
        *(
            agreed(each, "00000003-0000-0000-c000-000000000000", "User.Read", user=None)
            for each in (BY_SECRET, BY_CERTIFICATE)
        ),
    )
    assert await made.tenant.change(*map(Save, records)) is None
    await made.change(User, person().id, **aya)
    return made


async def token_for(tenant: Tenant, client_id: str) -> str:
    """A token with which a page calls one of the document's applications, from a known address."""
    visitor = Visitor(tenant, address="198.51.100.7")
    code = (await visitor.arrives(scope=f"openid api://{client_id}/access_as_user"))["code"]
    body = await answered(tenant, posted(redeeming(code), origin="https://spa.example.com"))
    return str(body["access_token"])


def form_of(text: str, **told: str) -> dict[str, str]:
    """The parameters of a body in the document, without what is there for legibility."""
    return dict(parse_qsl(text.replace("\n", "").format(**told), strict_parsing=True))


def proof() -> str:
    """An assertion under a certificate, with the members that the document's header has."""
    head = {"alg": "RS256", "x5t": encode(sha1(der()).digest()).decode()}
    told = {"aud": f"{ORIGIN}{ENDPOINT}", "iss": BY_CERTIFICATE, "sub": BY_CERTIFICATE, "exp": NOW + 300}
    text = f"{segment(head)}.{segment({**told, 'jti': '1', 'nbf': NOW})}".encode()
    return (text + b"." + encode(signature("rsa", "RS256", text))).decode()


def test_every_claim_of_the_sample_is_accounted_for() -> None:
    """The document's token has 26 claims: each is said here, or there is a reason why it is not."""
    assert set(SAMPLE) | set(UNSAID) == SAMPLE_CLAIMS
    assert not set(SAMPLE).intersection(UNSAID)


async def test_the_request_with_a_secret(desk: Desk) -> None:
    """The first sample request is answered with the members of the sample answer, and no more."""
    form = form_of(FIRST, assertion=await token_for(desk.tenant, BY_SECRET))
    answer = await desk.ask(ENDPOINT, form)
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == SAMPLE_ANSWER
    assert body["token_type"] == "Bearer"
    assert body["scope"] == "https://graph.microsoft.com/user.read"
    assert body["expires_in"] == body["ext_expires_in"] == 3_600
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store, no-cache"
    assert (answer.headers["pragma"], answer.headers["expires"]) == ("no-cache", "-1")
    assert answer.headers["x-ms-request-id"]


async def test_the_token_of_the_answer_claim_by_claim(desk: Desk) -> None:
    """What the sample's token says is said here with the right value, and nothing else is."""
    form = form_of(FIRST, assertion=await token_for(desk.tenant, BY_SECRET))
    text = (await desk.ask(ENDPOINT, form)).json()["access_token"]
    read = read_compact(text, ("RS256",))
    verifier = desk.tenant.keys.verifier("tokens", read.kid)
    assert verifier
    assert verifier.signed(read)
    assert set(read.header) | set(UNSAID_HEADER) == SAMPLE_HEADER
    assert {name: read.header[name] for name in HEADER} == HEADER
    assert read.header["x5t"] == read.header["kid"]
    assert set(read.payload) == set(SAMPLE)
    for name, value in SAMPLE.items():
        found = read.payload[name]
        assert isinstance(found, str) and found if value is str else found == value, name


async def test_what_is_said_only_of_who_has_it(desk: Desk) -> None:
    """A name, an address on the network or a number on premises that nobody knows is left out."""
    await desk.change(User, person().id, claims={"email": "aya@example.com"}, app_metadata={})
    code = (await Visitor(desk.tenant).arrives(scope=f"api://{BY_SECRET}/access_as_user"))["code"]
    here = posted(redeeming(code), origin="https://spa.example.com")
    first = (await answered(desk.tenant, here))["access_token"]
    text = (await desk.ask(ENDPOINT, form_of(FIRST, assertion=first))).json()["access_token"]
    found = read_compact(text, ("RS256",)).payload
    assert set(SAMPLE) - set(found) == {"family_name", "given_name", "ipaddr", "onprem_sid"}
    assert found["name"] == "aya@example.com"


async def test_the_request_with_a_certificate(desk: Desk) -> None:
    """The second sample request gives the same; the token says that a signature proved the application."""
    first = await token_for(desk.tenant, BY_CERTIFICATE)
    form = form_of(SECOND, client_assertion=proof(), assertion=first)
    body = (await desk.ask(ENDPOINT, form)).json()
    assert set(body) == SAMPLE_ANSWER
    found = read_compact(body["access_token"], ("RS256",)).payload
    assert (found["appid"], found["appidacr"]) == (BY_CERTIFICATE, "2")


async def test_the_call_with_the_token(desk: Desk) -> None:
    """The third sample request: GET /v1.0/me with the token is answered about the person."""
    form = form_of(FIRST, assertion=await token_for(desk.tenant, BY_SECRET))
    text = (await desk.ask(ENDPOINT, form)).json()["access_token"]
    answer = await desk.ask("/v1.0/me", authorization=f"Bearer {text}")
    body = answer.json()
    assert answer.status_code == 200
    assert (body["id"], body["displayName"]) == (person().id, "Aya Sato")
    assert body["userPrincipalName"] == "aya@example.com"


async def test_a_refusal_has_the_members_of_the_sample(desk: Desk) -> None:
    """An error says what the document's says: its number, when it was, and what it is found by."""
    form = form_of(FIRST, assertion=await token_for(desk.tenant, BY_CERTIFICATE))
    answer = await desk.ask(ENDPOINT, form, client_request_id="73d656cf-54b1-4eb2-b429-26d8165a52d7")
    body = answer.json()
    assert (answer.status_code, body["error"], body["error_codes"]) == (400, "invalid_grant", [500131])
    assert set(body) == {
        *("error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id"),
        "error_uri",
    }
    assert body["correlation_id"] == "73d656cf-54b1-4eb2-b429-26d8165a52d7"
    assert body["trace_id"] == answer.headers["x-ms-request-id"]
    lines = body["error_description"].split("\r\n")
    assert lines[1:] == [
        f"Trace ID: {body['trace_id']}",
        f"Correlation ID: {body['correlation_id']}",
        f"Timestamp: {body['timestamp']}",
    ]
    assert body["timestamp"][10] == " "
    assert body["timestamp"].endswith("Z")
