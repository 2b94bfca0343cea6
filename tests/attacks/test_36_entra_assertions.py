"""Class 36, in Entra's words: what proves one application somewhere is shown for another, or elsewhere.

With it, for tokens of issuers elsewhere: 32 (kinds of tokens), 42 (whom we ask for keys), 46 (algorithms).
"""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sekisho.fetch.fetcher import Fetcher
from sekisho.keys import client_key
from sekisho.model.client import Client, Federated
from sekisho.oauth.issuers import federated
from sekisho.spec import assertion
from sekisho.spec.assertion import TYPE
from tests.attacks.callers import THERE, changed, granted, is_refused, posts, site_tokens, twin
from tests.attacks.household import OTHER_TENANT, Household
from tests.attacks.target import HOST, OTHER_HOST
from tests.attacks.test_42_requests_of_ours import Victim, victim
from tests.entra import NEWER, A, B, application
from tests.exchanges import ISSUER
from tests.oauth.test_client_assertion import Json, jwk, keyed, signed
from tests.oauth.test_client_assertion_certificate import credential, pyjwt, right
from tests.oauth.test_jwt_bearer import Elsewhere
from tests.servers import claims_of
from tests.tenants import NOW, SECRET, TENANT

assert victim
HERE = f"https://{HOST}{NEWER}/token"
CLUSTER, WORKLOAD, AUDIENCE = ISSUER, "system:serviceaccount:shop:orders", "api://AzureADTokenExchange"
SUBJECT, WRONG_AUDIENCE, KEY, TIME = 700021, 700023, 700027, 700024
ANY = (SUBJECT, WRONG_AUDIENCE, KEY, TIME, 50027, 5002730, 7000215, 70002, 900144)


def certified(home: Household, **fields: Any) -> None:
    """API A has a certificate, at any address that an Entra client says."""
    told = {
        "credentials": (credential(**fields),),
        "client_authentication_methods": {"private_key_jwt": ("cred_1",)},
        "assertion_audience": "lenient",
    }
    changed(home, Client, A, **told)


def own(**claims: Any) -> str:
    """What API A signs about itself, with something said otherwise."""
    told = {"aud": HERE, "iss": A, "sub": A, "iat": NOW, "exp": NOW + 600, "jti": "j-1", **claims}
    return pyjwt("RS256", {"x5t": right("x5t")}, told)


def workloads(home: Household, **fields: Any) -> None:
    """API A runs in a cluster, and API B in another place of it."""
    told = {
        "id": "f1",
        "name": "a",
        "issuer": CLUSTER,
        "subject": WORKLOAD,
        "audiences": (AUDIENCE,),
        **fields,
    }
    changed(home, Client, A, federated=(Federated(**told),), grant_types=("client_credentials",))
    other = Federated(
        id="f2", name="b", issuer=CLUSTER, subject="system:serviceaccount:shop:b", audiences=("b",)
    )
    changed(home, Client, B, federated=(other,))


def workload(name: str = "rsa", header: Json | None = None, **claims: Any) -> str:
    """What the cluster gives a workload."""
    told = {"iss": CLUSTER, "sub": WORKLOAD, "aud": [AUDIENCE], "iat": NOW, "exp": NOW + 3_600, **claims}
    return signed({"alg": "RS256", "kid": name, **(header or {})}, told, name)


def shows(home: Household, text: str, who: str = A, path: str = NEWER, host: str = HOST) -> httpx.Response:
    """An application asks for a token of its own, with what proves it."""
    sent = {"grant_type": "client_credentials", "client_id": who, "scope": "api://b/.default"}
    return posts(home, {**sent, "client_assertion": text, "client_assertion_type": TYPE}, path, host)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    """The cluster publishes its keys, and nobody else anything."""
    found = Elsewhere()
    monkeypatch.setattr(Fetcher, "get", lambda _, url, **more: found.get(url, **more))
    return found


@pytest.mark.parametrize(
    "aud",
    [
        f"https://{HOST}{THERE}/token", f"https://{OTHER_HOST}{NEWER}/token", f"https://{HOST}/acme/oauth2/v2.0/token",
        "https://login.microsoftonline.com/common/oauth2/v2.0/token", f"https://{HOST}.evil.example{NEWER}/token",
        f"https://{HOST}/{TENANT}", f"{HERE}/", f"{HERE}?x", "", [], ["https://evil.example/"], A, f"https://{HOST}",
        f"https://{HOST}/t/acme/", {"aud": HERE}, None,
    ],
    ids=str,
)  # fmt: skip
def test_an_assertion_for_somebody_else(firm: Household, aud: Any) -> None:
    """What API A signed for another server, tenant or endpoint proves nothing here."""
    certified(firm)
    is_refused(shows(firm, own(aud=aud)), WRONG_AUDIENCE, 50027)
    assert granted(shows(firm, own()))


def test_an_assertion_by_somebody_else(firm: Household) -> None:
    """API A's key speaks for API A: not for API B, not in another tenant, not as a person's token."""
    certified(firm)
    firm.change(twin(application(A, "Orders")))
    is_refused(shows(firm, own(), B), SUBJECT, *ANY)
    is_refused(shows(firm, own(iss=B)), SUBJECT)
    is_refused(shows(firm, own(sub=B, iss=B), B), *ANY)
    for path, host in ((THERE, HOST), (f"/{OTHER_TENANT}/oauth2/v2.0", OTHER_HOST)):
        is_refused(shows(firm, own(aud=f"https://{host}{path}/token"), path=path, host=host), *ANY)
    body = site_tokens(firm)
    for text in (body["access_token"], body["id_token"]):
        is_refused(shows(firm, text), *ANY)


def test_a_certificate_has_its_time(firm: Household) -> None:
    """Neither before it begins nor after it ended, whatever the assertion says; none is for years."""
    for fields in ({"expires_at": NOW - 1}, {"starts_at": NOW + 3_600}):
        certified(firm, **fields)
        is_refused(shows(firm, own()), KEY, TIME)
    certified(firm)
    for claims in (
        {"exp": NOW - 60},
        {"exp": NOW + 9_999},
        {"exp": "never"},
        {"nbf": NOW + 999},
        {"exp": None},
    ):
        is_refused(shows(firm, own(**claims)), TIME, 50027)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example/"}, {"iss": CLUSTER.rstrip("/")}, {"iss": CLUSTER.upper()},
        {"iss": [CLUSTER]},
        {"iss": f"{CLUSTER}x"}, {"iss": None}, {"sub": f"{WORKLOAD}x"}, {"sub": WORKLOAD[:-1]}, {"sub": "*"},
        {"sub": WORKLOAD.upper()}, {"sub": "system:serviceaccount:shop:b"}, {"sub": [WORKLOAD]},
        {"sub": None},
        {"aud": "b"}, {"aud": []}, {"aud": f"{AUDIENCE}/"}, {"aud": HERE}, {"aud": [AUDIENCE.upper()]},
        {"exp": NOW - 600}, {"nbf": NOW + 600}, {"exp": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_workload_is_the_one_that_was_named(firm: Household, elsewhere: Elsewhere, claims: Any) -> None:
    """Issuer, subject and audience of one credential, letter for letter."""
    workloads(firm)
    is_refused(shows(firm, workload(**claims)), *ANY)
    assert granted(shows(firm, workload()))
    assert elsewhere.asked


@pytest.mark.parametrize("subject", ["*", "system:serviceaccount:*", ".*", "%", ""])
def test_no_subject_is_a_pattern(firm: Household, elsewhere: Elsewhere, subject: str) -> None:
    """A credential that looks like one stands for nobody but its own letters."""
    workloads(firm, subject=subject)
    is_refused(shows(firm, workload()), SUBJECT)
    assert not elsewhere.asked


def test_nobody_elses_key_signs_for_a_cluster(firm: Household, elsewhere: Elsewhere) -> None:
    """Another key, a key that comes along, a secret, no algorithm; and API B's workload is API B's."""
    workloads(firm)
    public = {"kid": "rsa", "jwk": jwk("rsa-other")}
    for text in (
        workload("rsa-other"), workload("rsa-other", {"kid": "rsa"}), workload("rsa-other", public),
        workload(header={"jku": "https://evil.example/keys"}), workload(header={"crit": ["exp"]}),
        keyed({"alg": "HS256"}, {"iss": CLUSTER, "sub": WORKLOAD, "aud": AUDIENCE, "exp": NOW + 60}, SECRET),
        f"{workload().rpartition('.')[0]}.",
    ):  # fmt: skip
        is_refused(shows(firm, text), *ANY)
    is_refused(shows(firm, workload(), B), *ANY)
    is_refused(shows(firm, workload(sub="system:serviceaccount:shop:b", aud="b")), *ANY)
    assert {address for address, _ in elsewhere.asked} <= set(elsewhere.documents)


def test_our_own_tokens_are_no_workloads(firm: Household, elsewhere: Elsewhere) -> None:
    """Nobody is proved by a token that this very tenant gave a person, and we ask ourselves for no keys."""
    said = site_tokens(firm)
    for text in (said["access_token"], said["id_token"]):
        claims = claims_of(text)
        workloads(firm, issuer=claims["iss"], subject=claims["sub"], audiences=(claims["aud"],))
        is_refused(shows(firm, text), *ANY)
    assert not elsewhere.asked


def test_nobody_inside_is_asked_for_keys(firm: Household, victim: Victim) -> None:
    """An issuer inside of the house is not connected to, and the refusal says no more than for any other."""
    answers = set()
    for host in ("127.0.0.1", "localhost", "[::1]", "0x7f000001", "127.0.0.1."):
        issuer = f"https://{host}:{victim.port}/"
        workloads(firm, issuer=issuer)
        answer = shows(firm, workload(iss=issuer))
        is_refused(answer, KEY)
        answers.add(answer.json()["error_description"].partition("\r\n")[0])
        assert not victim.was_asked()
    assert len(answers) == 1


def nothing(*_: object) -> None:
    """A rule as it would be if it held always."""


def test_the_guards_are_what_holds(
    firm: Household, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    certified(firm)
    rest: tuple[Callable[..., None], ...] = tuple(
        each for each in assertion.CLAIMS if each is not assertion.audience_is_ours
    )
    with monkeypatch.context() as mutant:
        mutant.setattr(assertion, "CLAIMS", rest)
        assert granted(shows(firm, own(aud="https://evil.example/")))
    workloads(firm, subject="*")
    with monkeypatch.context() as mutant:
        mutant.setattr(federated, "_credential", lambda _, client: client.federated[0])
        assert granted(shows(firm, workload()))
    workloads(firm)
    with monkeypatch.context() as mutant:
        mutant.setattr(client_key, "prove", nothing)
        assert granted(shows(firm, workload("rsa-other", {"kid": "rsa"})))
    assert elsewhere.asked
