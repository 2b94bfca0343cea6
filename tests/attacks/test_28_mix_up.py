"""Class 28: a client takes one server's answer for another's, because nothing says whose it is."""

import httpx
import pytest

from sekisho.tenant import Tenant
from tests.attacks.guest import VERIFIER, Guest, ask, is_refused, proof, redeem, refresh, request, told, who
from tests.attacks.household import CALLBACKS, Household
from tests.attacks.target import HOST, METADATA, ORIGIN, OTHER_HOST
from tests.servers import claims_of

ISSUER = f"{ORIGIN}/"


def known(web: httpx.Client, root: str = "") -> dict[str, object]:
    """What a client knows of a server."""
    one, two = (web.get(f"{root}{path}").json() for path in METADATA)
    assert one["issuer"] == two["issuer"]
    found: dict[str, object] = one
    return found


@pytest.mark.parametrize("root", ["", "/t/demo"])
@pytest.mark.parametrize("mode", ["query", "fragment"])
def test_every_answer_says_whose_it_is(home: Household, root: str, mode: str) -> None:
    """Code or error, an answer names the issuer of the metadata, letter for letter. RFC 9207 section 2."""
    guest = Guest(home)
    with home.web() as web:
        metadata = known(web, root)
    assert metadata["authorization_response_iss_parameter_supported"] is True
    asked = dict(request("third", response_mode=mode))
    said = []
    for more in (
        {"prompt": "none"}, {"response_type": "token"}, {"prompt": "none login"}, {"max_age": "x"},
        {"audience": "https://nobody.example"}, {"code_challenge_method": "plain"}, {"request": "x"},
    ):  # fmt: skip
        said.append(told(guest.follows(guest.send("GET", f"{root}/authorize", params={**asked, **more}))))
        assert "error" in said[-1]
    page = guest.signs_in(guest.follows(guest.send("GET", f"{root}/authorize", params=asked)))
    said.append(told(guest.posts(page, decision="deny")))
    page = guest.follows(guest.send("GET", f"{root}/authorize", params=asked))
    said.append(told(guest.posts(page, decision="allow")))
    assert "code" in said[-1]
    assert {each["iss"] for each in said} == {metadata["issuer"]}
    given = redeem(home, said[-1]["code"], "third").json()
    for each in (given, refresh(home, given["refresh_token"], "third").json()):
        assert claims_of(each["id_token"])["iss"] == metadata["issuer"]
        assert claims_of(each["access_token"])["iss"] == metadata["issuer"]


@pytest.mark.parametrize(
    "host",
    ["ID.example.com", "id.example.com:443", "id.example.com.", "id.example.com:80", "id.example.com@x"],
)
def test_an_issuer_has_one_spelling(home: Household, host: str) -> None:
    """However a host is spelled, the issuer is the one that the tenant has, or nobody is there."""
    guest = Guest(home)
    guest.signs_in()
    with home.web(host) as web:
        cookie = "; ".join(f"{name}={value}" for name, value in guest.cookies.items())
        answer = web.get("/authorize", params=request(), headers={"cookie": cookie})
        if answer.is_redirect:
            assert told(answer)["iss"] == ISSUER
            assert known(web)["issuer"] == ISSUER
        else:
            assert answer.status_code in (400, 421)


def test_nobody_else_chooses_the_issuer(home: Household) -> None:
    """No parameter of a request, pushed or not, names another issuer or adds a second one."""
    guest = Guest(home)
    guest.signs_in()
    wish = {"iss": "https://evil.example/", "issuer": "https://evil.example/", "state": "s&iss=https://evil/"}
    headers = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    pushed = ask(home, "web", {**request(), **wish}, "/oauth/par").json()["request_uri"]
    for asked in (
        request(**wish),
        request(**wish, prompt="none", max_age="0"),
        {"client_id": "web", "request_uri": pushed, **wish},
    ):
        answer = guest.send("GET", "/authorize", params=asked, headers=headers)
        said = told(answer)
        assert said["iss"] == ISSUER
        assert said["state"] == wish["state"]


def test_a_code_that_was_sent_to_the_wrong_server(home: Household) -> None:
    """A client that was mixed up sees another issuer, and who gets its code can do nothing with it."""
    # The client thinks that it asked `acme`, whose token endpoint its attacker listens at.
    with home.web(OTHER_HOST) as web:
        expected = known(web)["issuer"]
    said = Guest(home).answered("web")
    assert said["iss"] != expected
    form = {
        "grant_type": "authorization_code",
        "code": said["code"],
        "redirect_uri": CALLBACKS["web"],
        **proof("web"),
    }
    with home.web(OTHER_HOST) as web:
        is_refused(web.post("/oauth/token", data=form), "invalid_grant")
    # Here, too, the code alone is not enough: the verifier stayed with the client.
    is_refused(ask(home, "web", form), "invalid_grant")
    assert redeem(home, said["code"]).status_code == 200


def test_the_endpoints_are_the_issuers_own(home: Household) -> None:
    """Metadata lead to addresses of their issuer only, and an issuer is where its metadata are."""
    for host, root in ((HOST, ""), (HOST, "/t/demo"), (HOST, "/t/acme"), (OTHER_HOST, "")):
        with home.web(host) as web:
            metadata = known(web, root)
        issuer = str(metadata["issuer"])
        assert issuer.endswith("/")
        named = [str(value) for name, value in metadata.items() if name.endswith(("endpoint", "_uri"))]
        assert len(named) > 5
        assert [each for each in named if not each.startswith(issuer)] == []
        if root != "/t/acme":
            assert issuer == f"https://{host}{root}/"


def test_tokens_of_two_addresses_are_of_one_tenant(home: Household) -> None:
    """An ID token names the issuer that answered, and another tenant takes nothing of it."""
    guest = Guest(home)
    page = guest.follows(guest.send("GET", "/t/demo/authorize", params=request()))
    said = told(guest.signs_in(page))
    given = redeem(home, said["code"]).json()
    assert claims_of(given["id_token"])["iss"] == said["iss"] == f"{ORIGIN}/t/demo/"
    assert who(home, given["access_token"]).status_code == 200
    with home.web(OTHER_HOST, authorization=f"Bearer {given['access_token']}") as web:
        is_refused(web.get("/userinfo"), "invalid_token")
    asked = request(id_token_hint=given["id_token"], prompt="none")
    with home.web(OTHER_HOST) as web:
        assert told(web.get("/authorize", params=asked))["error"] in ("invalid_request", "login_required")


def test_the_issuer_is_what_holds(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a server that names another's issuer, the client that compares them is mixed up."""
    with home.web(OTHER_HOST) as web:
        expected = known(web)["issuer"]
    guest = Guest(home)
    guest.signs_in()
    monkeypatch.setattr(Tenant, "issuer", lambda *_: expected)
    assert told(guest.authorizes())["iss"] == expected


def test_a_verifier_stays_with_its_client(home: Household) -> None:
    """A public client that is mixed up is held by PKCE alone: its code gives nothing to others."""
    code = Guest(home).answered("spa")["code"]
    for verifier in (None, "w" * 43):
        is_refused(redeem(home, code, "spa", code_verifier=verifier), "invalid_grant")
    assert redeem(home, code, "spa", code_verifier=VERIFIER).status_code == 200
