"""How a portal words a refusal: every reason, in both languages, found again in the log and the audit."""

import re
from string import Formatter

import pytest
from structlog.testing import capture_logs

from sekisho.faces.power_pages.says import LANGUAGES, OTHERWISE, TEXTS, says
from sekisho.spec.http import Ask
from sekisho.spec.refusal import INTERNAL, OVERLOADED, Reason, Refused
from sekisho.spec.refusals import CATALOGUE
from sekisho.store import Window
from tests.faces.power_pages.conftest import AUTHORIZE, CLIENT, PAGE, TOKEN, Portal, error_of

OURS = [reason for reason in CATALOGUE.values() if reason.error.startswith("PortalSTS")]
ASK = Ask(method="GET", path=TOKEN, root="https://id.example.com")
JAPANESE = re.compile("[぀-ヿ一-鿿]")


def blanks(text: str) -> set[str]:
    """The names that a text leaves room for."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("reason", OURS, ids=lambda reason: reason.slug)
def test_every_reason_has_its_words(reason: Reason) -> None:
    """Each reason is said in each language, with the same things named, and has a code of its own."""
    for language in LANGUAGES:
        text = TEXTS[language][reason.slug]
        assert blanks(text) == blanks(reason.text)
        assert bool(JAPANESE.search(text)) is (language == "ja")
        words = {"language": language, **dict.fromkeys(blanks(text), "{x}<b>")}
        body = says(Refused(reason, words=words), ASK).json
        assert isinstance(body, dict)
        assert body["ErrorId"] == reason.error
        assert body["ErrorMessage"] == text.format(**words)
    assert re.fullmatch(r"PortalSTS[0-9]{4}", reason.error)
    assert [each for each in OURS if each.error == reason.error] == [reason]


def test_no_words_are_left_over() -> None:
    """Both languages have the same sentences: one for each reason, and one for whatever is none of ours."""
    for language in LANGUAGES:
        assert TEXTS[language].keys() == {reason.slug for reason in OURS} | {"otherwise"}
    assert OTHERWISE not in {reason.error for reason in OURS}


def test_what_is_no_reason_of_ours() -> None:
    """Other refusals have one code and one sentence: what they say elsewhere is not said here."""
    for reason in (INTERNAL, OVERLOADED):
        for language in LANGUAGES:
            answer = says(Refused(reason, debug="a secret", words={"language": language}), ASK)
            assert isinstance(answer.json, dict)
            assert answer.status == reason.status
            assert (answer.json["ErrorId"], answer.json["ErrorMessage"]) == (
                OTHERWISE,
                TEXTS[language]["otherwise"],
            )


@pytest.mark.parametrize(
    ("path", "query", "setting", "status"),
    [
        (TOKEN, {"client_id": "nobody"}, None, 400),
        (AUTHORIZE, {"client_id": CLIENT, "redirect_uri": f"{PAGE}/"}, None, 400),
        (TOKEN, {"client_id": CLIENT}, "CustomCertificates/ImplicitGrantflow", 500),
    ],
)
async def test_a_correlation_id_is_found_again(
    visited: Portal, path: str, query: dict[str, str], setting: str | None, status: int
) -> None:
    """Whoever is told a correlation ID finds it in the log and in the audit, beside the reason."""
    if setting:
        await visited.put(setting, "ab" * 20)
    with capture_logs() as logged:
        answer = await visited.ask(path, query)
    assert answer.status_code == status
    trace = answer.json()["CorrelationId"]
    (line,) = (line for line in logged if line["event"] == "refused")
    assert line["trace"] == trace
    assert CATALOGUE[line["slug"]].error == error_of(answer, answer.json()["ErrorId"], status)["ErrorId"]
    await visited.tenant.audit.flush()
    events = await visited.tenant.store.events(visited.tenant.id, {}, Window(limit=50))
    (event,) = (event for event in events if event.detail.get("trace") == trace)
    assert line["slug"] in str(event)
