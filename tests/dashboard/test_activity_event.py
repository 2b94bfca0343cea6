"""One event of the audit: a refusal explained down to the letter, or a change with who and what."""

import html
import re
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from sekisho.model.client import Client, Registration, ReplyUrl
from sekisho.model.event import Event
from sekisho.model.step import Note, Save
from sekisho.oauth.authorize import authorize
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.deciding import DECIDES, EXACTLY
from sekisho.pages.dashboard.rooms.activity.decider import NEEDS, Decider, decider
from sekisho.pages.dashboard.rooms.activity.differing import Differing, differing
from sekisho.pages.dashboard.rooms.activity.seen import Names
from sekisho.pages.dashboard.rooms.activity.trail import TRAILS, Step, trail
from sekisho.registry.management import MANAGEMENT_SCOPES
from sekisho.spec.authorization import rules
from sekisho.spec.contrast import WITHHELD
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals import CATALOGUE
from sekisho.spec.refusals.management import LOG_ABSENT
from tests.dashboard.desk import AtDesk, another, at_desk
from tests.visitor import request, web_client

HOSTILE = "<script>x</script>"
CALLBACK = "https://orders.example.com/callback"


@pytest.mark.parametrize(
    ("expected", "got", "found"),
    [
        ("https://a/cb", "https://a/cb/", Differing("https://a/cb", "", "/", "")),
        ("https://a/cb/", "https://a/cb", Differing("https://a/cb", "/", "", "")),
        ("https://a/cb", "https://a/Cb", Differing("https://a/", "c", "C", "b")),
        ("https://a/cb", "http://a/cb", Differing("http", "s", "", "://a/cb")),
        ("aaa", "aa", Differing("aa", "a", "", "")),
        ("aXa", "aa", Differing("a", "X", "", "a")),
        ("関所の門", "関所の扉", Differing("関所の", "門", "扉", "")),
        ("same", "same", None),
        ("S256", "plain", None),
        ("true", "false", None),
        ("", "anything", None),
        ("anything", "", None),
        ("an identifier of an API", "https://api.example.com", None),
    ],
)
def test_two_texts_differ_in_one_place(expected: str, got: str, found: Differing | None) -> None:
    """What both begin and end with is left, the smallest part between is marked; prose is not compared."""
    assert differing(expected, got) == found
    if found:
        assert found.begins + found.expected + found.ends == expected
        assert found.begins + found.got + found.ends == got


def test_a_rule_stands_among_those_of_its_order() -> None:
    """What came before held, what comes after was not reached; where no order is known it stands alone."""
    names = [rule.__name__ for rule in rules.RULES]
    steps = trail("spec.authorization.rules.response_mode_is_known")
    assert [step.name for step in steps] == names == list(TRAILS["spec.authorization.rules"])
    assert [step.state for step in steps] == ["held", "held", "refused", *["unreached"] * (len(names) - 3)]
    assert trail("spec.pkce.verify") == (Step("verify", "refused"),)
    assert trail("spec.authorization.rules.read") == (Step("read", "refused"),)
    assert trail("") == ()


def test_every_setting_that_decides_has_a_way() -> None:
    """For each room of a setting it is known what one needs to see it."""
    rooms = {setting.room for setting in (*DECIDES.values(), *EXACTLY.values())}
    assert {(room.split("/")[0], room.split("/")[-1]) for room in rooms} == set(NEEDS)
    assert set(NEEDS.values()) <= set(MANAGEMENT_SCOPES)


def orders(**fields: object) -> Client:
    """An application with two addresses."""
    urls = (ReplyUrl(CALLBACK), ReplyUrl("https://orders.example.com/other"))
    id = "6" * 8 + "-6666-4666-8666-" + "6" * 12
    return web_client(**{"client_id": "orders", "id": id, "name": "Orders", "reply_urls": urls, **fields})


async def refused_by(desk: AtDesk, **asked: str | None) -> Event:
    """What the audit says of an authorization request, as the door writes it."""
    ask = desk.browser.ask("/authorize", request(**asked))
    with pytest.raises(Refused) as refused:
        await authorize(ask, desk.tenant)
    facts = {"client": asked.get("client_id"), "address": "203.0.113.7", "correlation": "req-77"}
    desk.tenant.audit.refused(desk.tenant.id, refused.value, **facts)
    return (await desk.happened())[-1]


async def noted(desk: AtDesk, slug: str, **facts: object) -> Event:
    """An event as told."""
    event = desk.tenant.audit.event(desk.tenant.id, slug, **facts)  # type: ignore[arg-type]
    assert await desk.tenant.store.write(Note(event)) is None
    return event


def plain(page: str) -> str:
    """The words of a page."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)))


async def test_a_wrong_callback_is_explained() -> None:
    """The letter that differs, the nearest address, the rule, the setting, what to do, what was said."""
    desk = await at_desk()
    assert await desk.tenant.change(Save(orders())) is None
    event = await refused_by(desk, client_id="orders", redirect_uri=f"{CALLBACK}/")
    page = await desk.text(f"/activity/{event.id}")
    assert f"{CALLBACK}<mark>/</mark>" in page
    words = plain(page)
    for told in (
        "Callback URL is not registered",
        "Nobody was redirected.",
        f"Nearest registered {CALLBACK}",
        "It has “/” that was not expected.",
        "https://orders.example.com/other",
        "2 addresses are registered",
        "Let the application send a registered URL letter for letter",
        "400 error=invalid_request error_description=Callback URL mismatch",
        "redirect_uri.chosen",
        "Orders",
        "203.0.113.7",
    ):
        assert told in words, told
    assert 'href="/dashboard/applications/orders/settings#callbacks"' in page
    assert '<code id="correlation-id">req-77</code>' in page
    assert 'data-copy="#correlation-id"' in page
    assert 'href="/dashboard/activity?slug=redirect_mismatch&amp;client=orders"' in page
    japanese = plain(await desk.text(f"/activity/{event.id}", "ja"))
    assert "余分な「/」があります。" in japanese
    assert "直し方" in japanese


async def test_the_way_from_an_error_page_leads_here() -> None:
    """A correlation id that somebody reads off a page finds the refusal, and the page of it leads back."""
    desk = await at_desk()
    assert await desk.tenant.change(Save(orders())) is None
    event = await refused_by(desk, client_id="orders", redirect_uri=f"{CALLBACK}/")
    assert f"/dashboard/activity/{event.id}" in await desk.text("/activity?q=req-77")
    page = await desk.text(f"/activity/{event.id}")
    link = re.search(r'id="request" href="/dashboard([^"]+)"', page)
    assert link
    assert f"/dashboard/activity/{event.id}" in await desk.text(html.unescape(link[1]))


async def test_a_refusal_of_the_rules_has_its_trail() -> None:
    """The rule that refused is the current step; those after it were not reached."""
    desk = await at_desk()
    rule = "spec.authorization.rules.response_type_is_allowed"
    detail = {"rule": rule, "parameter": "grant_type", "expected": "authorization_code", "got": "implicit"}
    event = await noted(desk, "response_type_not_allowed", client="web", detail=detail)
    page = await desk.text(f"/activity/{event.id}")
    assert "stopped at 4 of 7" in page
    assert page.count('aria-current="step"') == 1
    assert page.index("response_mode_is_known") < page.index('aria-current="step"')
    assert page.index('aria-current="step"') < page.index("prompt_is_coherent")


@pytest.mark.parametrize(
    ("slug", "detail", "told"),
    [
        ("client_auth_failed", {"suppressed": 12}, "This line stands for 12 refusals"),
        ("code_invalid", {"debug": "there is no such code"}, "there is no such code"),
        (
            "portal_state_malformed",
            {"parameter": "state", "expected": "short", "got": WITHHELD},
            "It is a secret, or may be one",
        ),
        (
            "missing_parameter",
            {"parameter": "nonce", "expected": "a value", "got": "", "text": "Missing: nonce"},
            "Got, as nonce nothing",
        ),
        ("missing_parameter", {"text": "Missing required parameter: nonce"}, "parameter: nonce"),
        ("request_object", {"parameter": "request", "expected": "", "got": "x"}, "Expected nothing"),
        ("internal", {"trace": "trace-9"}, "trace-9"),
        (
            "logout_mismatch",
            {"parameter": "post_logout_redirect_uri", "expected": "https://gone/", "got": "https://gone/1"},
            "It has “1” that was not expected.",
        ),
    ],
)
async def test_whatever_a_refusal_remembers_is_told(
    slug: str, detail: Mapping[str, object], told: str
) -> None:
    """Nothing that came, nothing that was expected, a secret, a flood, a trace: each has its words."""
    desk = await at_desk()
    event = await noted(desk, slug, detail=detail)
    assert told in plain(await desk.text(f"/activity/{event.id}"))


async def test_what_was_registered_since_is_said() -> None:
    """Where what came is on the list by now, nobody has to look for the difference."""
    desk = await at_desk()
    assert await desk.tenant.change(Save(orders())) is None
    detail = {"parameter": "redirect_uri", "expected": "https://orders.example.com/before", "got": CALLBACK}
    event = await noted(desk, "redirect_mismatch", client="orders", detail=detail)
    assert "What came is registered by now." in await desk.text(f"/activity/{event.id}")


@pytest.mark.parametrize("slug", sorted(CATALOGUE))
async def test_every_refusal_has_a_page(slug: str) -> None:
    """Each slug has a title and a way to put it right; hostile names and values are text in all of it."""
    desk = await at_desk("Viewer")
    detail = {
        **dict.fromkeys(("debug", "rule", "parameter", "expected", "trace", "text"), HOSTILE),
        "got": f"{HOSTILE}!",
        HOSTILE: HOSTILE,
    }
    facts = dict.fromkeys(("client", "user", "address", "correlation"), HOSTILE)
    event = await noted(desk, slug, detail=detail, **facts)
    page = await desk.text(f"/activity/{event.id}")
    assert HOSTILE not in page
    assert 'id="fix"' in page
    assert 'id="setting"' not in page or "site-settings" in page or "settings/advanced" in page


def one_event(slug: str, **facts: str) -> Event:
    """An event of this slug."""
    return Event(id="1", at=0, tenant="t", slug=slug, **facts)  # type: ignore[arg-type]


async def test_the_setting_is_linked_where_there_is_one() -> None:
    """No link where the event names nobody, names somebody who is gone, or where one may not look."""
    owner = await at_desk()
    app = orders()
    told = Registration(application="a-1", statement="s-1", device={})
    installed = replace(app, client_id="tv", registration=told)
    names = Names({"orders": app, "tv": installed}, {"auth0|1": owner.user})
    who = Administrator(owner.user, owner.console, "", frozenset(NEEDS.values()))
    path = "/users/auth0%7C1"
    for event, whose, where in (
        (
            one_event("redirect_mismatch", client="orders"),
            "Orders",
            "/applications/orders/settings#callbacks",
        ),
        (one_event("redirect_mismatch", client="gone"), "", ""),
        (one_event("redirect_mismatch"), "", ""),
        (one_event("user_blocked", user="auth0|1"), "owner@example.com", f"{path}#blocked"),
        (one_event("user_blocked", user="auth0|2"), "", ""),
        (one_event("redirect_uncovered", client="tv"), "", "/registered-applications/a-1#domains"),
        (one_event("redirect_uncovered", client="orders"), "", ""),
        (one_event("pushing_off"), "", "/settings/advanced#pushed_authorization_requests_supported"),
    ):
        found = decider(event, names, who)
        assert found is not None
        assert (found.whose, found.path) == (whose, where)
    assert decider(one_event("missing_parameter"), names, who) is None
    nobody = Administrator(owner.user, owner.console, "", frozenset())
    found = decider(one_event("redirect_mismatch", client="orders"), names, nobody)
    assert found == Decider("applications", "Orders", "callbacks", "")


async def test_a_change_says_who_what_and_from_where() -> None:
    """The fields, who did it, to which application; values are not kept, and the page says so."""
    desk = await at_desk()
    facts = {"user": desk.user.user_id, "address": "203.0.113.7", "correlation": "req-8"}
    detail = {
        "client_id": "web",
        "fields": ["callbacks", HOSTILE],
        "scopes": ["a", "b"],
        "many": 3,
        "why": HOSTILE,
    }
    event = await noted(desk, "client_changed", detail=detail, **facts)
    page = await desk.text(f"/activity/{event.id}")
    assert HOSTILE not in page
    words = plain(page)
    for told in ("Application changed", "By owner@example.com", "callbacks", "a b", "no values", "req-8"):
        assert told in words, told
    assert '<a href="/dashboard/applications/web/settings"><bdi>Web</bdi></a>' in page
    assert "<code>many</code></dt><dd><bdi>3</bdi>" in page
    assert "&#34;slug&#34;: &#34;client_changed&#34;" in page
    bare = await noted(desk, "what_no_version_knows")
    page = await desk.text(f"/activity/{bare.id}")
    assert "<h1><code>what_no_version_knows</code></h1>" in page
    assert "It says nothing more." in page


@pytest.mark.parametrize("id", ["nothing", "0" * 28, "..", "0" * 27 + "g"])
async def test_an_event_that_is_not_there(id: str) -> None:
    """What the audit never had, or has forgotten, is not found."""
    desk = await at_desk()
    with pytest.raises(Refused) as refused:
        await desk.get(f"/activity/{id}")
    assert refused.value.reason is LOG_ABSENT


async def test_an_event_of_another_tenant_is_not_there() -> None:
    """An id opens nothing elsewhere."""
    desk = await another((await at_desk()).tenant, "Viewer")
    event = replace(desk.tenant.audit.event("other", "redirect_mismatch"))
    assert await desk.tenant.store.write(Note(event)) is None
    with pytest.raises(Refused) as refused:
        await desk.get(f"/activity/{event.id}")
    assert refused.value.reason is LOG_ABSENT
