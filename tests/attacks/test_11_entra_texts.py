"""Classes 6, 11 and 40, in Entra's words: what a request says comes back as markup, or a secret does."""

import json
from urllib.parse import quote, urlencode

import httpx
import pytest

from sekisho.faces.entra import says
from tests.attacks.callers import FROM_PAGE, authorizes, form, goes_on, posts, token_a
from tests.attacks.guest import Guest, told
from tests.attacks.household import Household
from tests.entra import NEWER, PAGE, SPA, A, on_behalf
from tests.tenants import SECRET, TENANT

MARKUP = "\"'><script>evil()</script><img src=x onerror=evil()>"
LINES = "x\r\nset-cookie: evil=1\r\n\r\n<script>evil()</script>"
TEXTS = (MARKUP, LINES, "</script><script>evil()//", "{{7*7}}", "\u202e<b>", "\x00evil", "%0d%0aevil: 1")
GUID = "8a4f7d3e-1111-4111-8111-111111111111"


def is_clean(answer: httpx.Response, *secrets: str) -> None:
    """JSON that no browser takes for a page, or a page with the text as text; nothing that was secret."""
    assert answer.status_code < 500, answer.text
    assert "evil" not in answer.headers
    assert not {"set-cookie"} & {name for name, value in answer.headers.items() if "evil" in value}
    assert answer.headers["x-content-type-options"] == "nosniff"
    for secret in secrets:
        assert secret not in answer.text
    if answer.headers.get("content-type", "").startswith("application/json"):
        json.loads(answer.text)
        return
    for piece in ("<script>evil", "<img src=x", "<b>"):
        assert piece not in answer.text


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    "name",
    ["client_id", "client_secret", "grant_type", "scope", "assertion", "requested_token_use", "claims",
     "requested_token_type", "client_assertion", "resource", "code", "redirect_uri", "username", "x"],
)  # fmt: skip
def test_no_word_of_a_request_is_markup(firm: Household, name: str, text: str) -> None:
    """At the token endpoint every parameter is a text of JSON at most, and no secret comes back."""
    sent = form(on_behalf("assertion-that-nobody-may-see"))
    answer = posts(firm, {**sent, name: text})
    secrets = [each for each in (SECRET, "assertion-that-nobody-may-see") if each != text]
    if name in ("client_secret", "assertion", "client_assertion", "code"):
        secrets.append(text.strip("\x00"))
    is_clean(answer, *secrets)
    assert answer.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("text", TEXTS)
def test_no_name_of_a_request_is_markup(firm: Household, text: str) -> None:
    """A name for the request comes back as a GUID, wherever it was said, and as nothing else."""
    with firm.web() as web:
        for query, body in (({"client-request-id": text}, {}), ({}, {"client-request-id": text})):
            wish = {"return-client-request-id": "true"}
            answer = web.post(
                f"{NEWER}/token?{urlencode({**query, **wish})}", data={**body, "grant_type": "x"}
            )
            is_clean(answer, text)
            assert "evil" not in str(answer.headers)
        answer = web.post(
            f"{NEWER}/token", data={"client-request-id": GUID, "return-client-request-id": "true"}
        )
        assert answer.headers["client-request-id"] == answer.json()["correlation_id"] == GUID


@pytest.mark.parametrize("text", TEXTS)
def test_no_word_of_an_address_is_markup(firm: Household, text: str) -> None:
    """Tenants, states, hints, numbers and scopes are texts on pages, in answers and in forms."""
    name = quote(text, safe="")
    with firm.web() as web:
        for path in (
            f"/error?code={name}", f"/{name}/oauth2/v2.0/authorize?client_id={SPA}",
            f"/{name}/discovery/keys",
            f"/{name}/v2.0/.well-known/openid-configuration", f"/{name}/adminconsent?client_id={name}",
            f"/common/discovery/instance?authorization_endpoint={name}", f"{NEWER}/logout?state={name}",
            f"/{TENANT}/v2.0/adminconsent?client_id={SPA}&scope={name}&state={name}&redirect_uri={quote(PAGE)}",
            f"/v1.0/users/{name}/getMemberObjects",
            f"/{TENANT}/.well-known/openid-configuration?appid={name}",
        ):  # fmt: skip
            is_clean(web.get(path))
    guest = Guest(firm)
    guest.signs_in()
    for more in (
        {"state": text},
        {"state": text, "scope": text},
        {"state": text, "response_mode": "form_post"},
    ):
        answer = authorizes(guest, **more)
        is_clean(answer)
        if answer.is_redirect:
            assert told(answer)["state"] == text.strip()
            assert not set("<>\"'\r\n") & set(answer.headers["location"])


@pytest.mark.parametrize("text", TEXTS)
def test_no_name_of_a_request_is_in_a_sentence(firm: Household, text: str) -> None:
    """An application shows what went wrong, and nothing in it is what somebody wrote into an address."""
    guest = Guest(firm)
    guest.signs_in()
    answer = authorizes(guest, response_type="x", **{"client-request-id": text})
    is_clean(answer)
    # A NUL is in no address: that is said on a page of ours.
    if "\x00" not in text:
        said = told(answer)
        assert said["error"]
        assert text.strip() not in said["error_description"]
    said = told(authorizes(guest, response_type="x", **{"client-request-id": GUID}))
    assert f"Correlation ID: {GUID}" in said["error_description"]


def test_an_error_page_says_what_is_ours(firm: Household) -> None:
    """Its number is a number: whatever else is said, the page names none."""
    with firm.web() as web:
        for text in ("AADSTS65001", "65001", "aadsts65001"):
            assert "65001" in web.get(f"/error?code={text}").text
        for text in ("9" * 11, "-1", "６５００１", "65001<b>", "1e3", ""):
            answer = web.get(f"/error?code={quote(text)}")
            assert answer.status_code in (200, 404)
            assert "<b>" not in answer.text


def test_no_secret_is_in_a_refusal_or_an_address(firm: Household) -> None:
    """Neither tokens nor codes nor assertions are in what is refused, nor in the address of an answer."""
    text = token_a(firm)
    for more in (
        {"scope": "api://b/rule"},
        {"client_id": "x"},
        {"client_secret": "wrong-one"},
        {"scope": "x"},
    ):
        is_clean(goes_on(firm, text, **more), text, SECRET, "wrong-one")
    guest = Guest(firm)
    guest.signs_in()
    answer = authorizes(guest, client_secret=SECRET, password=SECRET, id_token_hint=text)
    assert SECRET not in answer.headers.get("location", "")
    assert SECRET not in answer.text


def test_the_guards_are_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a name for a request that is taken as it comes, the attack succeeds."""
    with monkeypatch.context() as mutant:
        mutant.setattr(says, "correlation_of", lambda ask: dict(ask.form).get("client-request-id", ""))
        answer = posts(firm, {"client-request-id": MARKUP, "client_id": A}, **FROM_PAGE)
        assert MARKUP in answer.json()["correlation_id"]
