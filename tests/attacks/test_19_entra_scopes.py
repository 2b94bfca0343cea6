"""Class 19, in Entra's words: more comes of a code or a refresh token than anybody agreed to."""

import pytest

from sekisho.oauth.delegation import agreed as agreeing
from sekisho.oauth.delegation import given
from tests.attacks.callers import code_of, granted, is_refused, redeems, refreshes, site_refreshes, tokens_of
from tests.attacks.callers import site_tokens as of_site
from tests.attacks.household import Household
from tests.entra import ENTER, STOCK
from tests.servers import claims_of

CONSENT, UNKNOWN = 65001, 70011
# What the page was never let do; what there is not.
BEYOND = (
    "api://b/read",
    "api://b/.default",
    "api://b/rule",
    "api://c/read",
    "https://ledger.example.com/post",
)
NOTHING = ("api://b/old", "api://a/*", "api://a/Access_As_Admin", "urn:sekisho:management/read:users", "x/y")


@pytest.mark.parametrize("scope", [*BEYOND, *NOTHING])
def test_nothing_is_widened(firm: Household, scope: str) -> None:
    """By another scope at redeeming or refreshing; what was agreed to is given afterwards."""
    code = code_of(firm)
    is_refused(redeems(firm, code, scope=scope), CONSENT, UNKNOWN, 500011)
    body = granted(redeems(firm, code))
    for words in (scope, f"{scope} {ENTER}"):
        is_refused(refreshes(firm, body["refresh_token"], scope=words), CONSENT, UNKNOWN, 500011, 70011)
    assert (
        claims_of(granted(refreshes(firm, body["refresh_token"]))["access_token"])["scp"] == "access_as_user"
    )


def test_a_person_is_told_of_no_further(firm: Household) -> None:
    """Who was asked about nothing but the person's name is told no address later; nothing lasts unasked."""
    code = code_of(firm, scope=f"openid {ENTER}")
    body = granted(redeems(firm, code, scope=f"openid profile email offline_access {ENTER}"))
    assert "refresh_token" not in body
    assert "email" not in claims_of(body["id_token"])
    lasting = tokens_of(firm, scope=f"openid offline_access {ENTER}")["refresh_token"]
    told = granted(refreshes(firm, lasting, scope=f"openid profile email {ENTER}"))
    assert not {"email", "name"} & claims_of(told["id_token"]).keys()


def test_everything_is_what_was_agreed_to(firm: Household) -> None:
    """`.default` is no more than that, for a site either; an administrator's scope is not in it."""
    lasting = of_site(firm)["refresh_token"]
    body = granted(site_refreshes(firm, lasting, scope="api://b/.default"))
    assert claims_of(body["access_token"])["scp"] == "read"


async def everything(*_: object) -> frozenset[str]:
    """Consent as it would be if nobody looked for it."""
    return frozenset(("read", "write", "rule"))


def test_the_guards_are_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody looks at consent, or at what was asked, the attack succeeds."""
    lasting = tokens_of(firm)["refresh_token"]
    with monkeypatch.context() as mutant:
        mutant.setattr(agreeing, "effective", everything)
        body = granted(refreshes(firm, lasting, scope=STOCK))
        assert claims_of(body["access_token"])["scp"] == "read"
    code = code_of(firm, scope=f"openid {ENTER}")
    with monkeypatch.context() as mutant:
        mutant.setattr(given, "openid", lambda *_: ("openid", "email"))
        assert "email" in claims_of(granted(redeems(firm, code))["id_token"])
