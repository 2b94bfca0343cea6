"""Claim rules: the list, a new one, one that is there, trying either out, the end of one."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.client import Client
from sekisho.model.role import Permission
from sekisho.model.step import Save
from sekisho.model.tenant import ClaimRule
from sekisho.pages.dashboard.fields import Form
from sekisho.pages.dashboard.rooms.claim_rules.seen import KINDS
from sekisho.pages.dashboard.rooms.claim_rules.trying import NEEDS, Said
from sekisho.people import powers, users
from sekisho.registry.claims import rules
from sekisho.registry.claims.rules import ClaimRuleFields
from sekisho.spec.http import Answer
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.claims import CLAIM_RULE_ABSENT
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED
from sekisho.tenant import MOST_RULES
from tests.dashboard.desk import AtDesk, at_desk, shown, text_of
from tests.dashboard.forms import form_of, sends
from tests.tenants import Clock
from tests.visitor import location, person, web_client

COLOR = "https://app.example.com/favorite_color"
NEW, TRY = "/claim-rules/new", "/claim-rules/new/try"
DRAFT: Mapping[str, str | list[str]] = {
    "name": "Color",
    "claim": COLOR,
    "expression": "user.email",
    "tokens": ["id_token", "access_token", "userinfo"],
    "enabled": "on",
}
FOR = {"user": "aya@example.com", "application": "web"}
HOSTILE = "\"'>&x"


async def made(desk: AtDesk, claim: str = COLOR, expression: str = "'blue'", **more: Any) -> ClaimRule:
    """A rule that is there."""
    asked = ClaimRuleFields(**{"name": "Color", "claim": claim, "expression": expression, **more})
    return await rules.create(desk.tenant, asked, desk.actor_of(desk.user))


def path(rule: ClaimRule) -> str:
    """Where its page is."""
    return f"/claim-rules/{rule.id}"


def problems(answer: Answer) -> dict[str, str]:
    """What is wrong with the rule, by field."""
    return {field: problem.key for field, problem in form_of(answer).problems.items()}


def trial(answer: Answer) -> Any:
    """What was tried."""
    return shown(answer)["trial"]


def said(answer: Answer) -> Said:
    """What came of it."""
    found = trial(answer).said
    assert isinstance(found, Said), form_of(answer).problems
    return found


def misses(answer: Answer) -> dict[str, str]:
    """What is wrong with whom it was tried for."""
    form: Form = trial(answer).form
    return {field: problem.key for field, problem in form.problems.items()}


async def tried(desk: AtDesk, **more: str | list[str]) -> Answer:
    """A draft, tried out."""
    return await desk.fills(NEW, TRY, **{**DRAFT, **FOR, **more})


async def noted(desk: AtDesk, kilobytes: int) -> None:
    """So much is noted about the person."""
    user = await users.find(desk.tenant, person().id)
    noted = replace(user, app_metadata={"list": ["x" * 1000] * kilobytes})
    assert await desk.tenant.change(Save(noted)) is None


async def count(desk: AtDesk) -> int:
    """How many rules there are."""
    return await desk.tenant.store.count(ClaimRule, desk.tenant.id, {})


async def test_all_rules_are_listed() -> None:
    """Each with its claim, its tokens and its state; without any, the page says what they are for."""
    desk = await at_desk()
    assert "No claim rules yet" in await desk.text("/claim-rules")
    rule = await made(desk, tokens=("id_token", "userinfo"), enabled=False)
    text = await desk.text("/claim-rules")
    for part in (
        COLOR,
        'ID token ·</span> <span class="nb">Answer of /userinfo',
        "Off",
        f'href="/dashboard{path(rule)}"',
        NEW,
    ):
        assert part in text
    assert "クレームルール" in await desk.text("/claim-rules", "ja")


async def test_the_list_goes_on_after_a_stretch_and_ends_with_the_last_rule() -> None:
    """25 at a time; where a tenant has all that it may have, one more is not offered, and refused anyway."""
    desk = await at_desk()
    for number in range(MOST_RULES):
        await made(desk, f"plain{number}")
    seen: Any = shown(await desk.get("/claim-rules"))
    assert (len(seen["stretch"].found), seen["stretch"].total, seen["full"]) == (25, MOST_RULES, True)
    assert len(shown(await desk.get(f"/claim-rules{seen['stretch'].next}"))["stretch"].found) == 25  # type: ignore[attr-defined]
    assert f'href="/dashboard{NEW}"' not in await desk.text("/claim-rules")
    answer = await desk.fills(NEW, **DRAFT)
    assert problems(answer) == {"": "why.claim_rules_many.title"}
    assert await count(desk) == MOST_RULES


async def test_a_rule_is_created() -> None:
    """It says what was typed, and the audit says who made it."""
    desk = await at_desk("Editor")
    answer = await desk.fills(NEW, **DRAFT)
    assert location(answer).endswith("/dashboard/claim-rules?done=claim_rule_created")
    rule = await desk.tenant.store.named(ClaimRule, desk.tenant.id, COLOR)
    assert rule
    assert (rule.name, rule.expression, rule.enabled) == ("Color", "user.email", True)
    assert rule.tokens == ("id_token", "access_token", "userinfo")
    assert [(event.slug, event.user) for event in await desk.happened()][-1] == (
        "claim_rule_created",
        desk.user.user_id,
    )


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"name": ""}, {"name": "invalid.expected_str"}),
        ({"name": "<b>"}, {"name": "invalid.must_not_be_blank_or_contain_or_or_control_characters"}),
        ({"claim": "sub"}, {"claim": "claim_rules.restricted"}),
        ({"claim": "https://auth0.com/x"}, {"claim": "claim_rules.restricted"}),
        ({"claim": "two words"}, {"claim": "claim_rules.malformed"}),
        ({"claim": "plan"}, {"claim": "claim_rules.taken"}),
        ({"expression": "1 +"}, {"expression": "claim_rules.unusable"}),
        ({"expression": "user.email ==\n'x'"}, {"expression": "claim_rules.unusable"}),
        (
            {"expression": "user.a.map(x, user.b.map(y, [x, y]))"},
            {"expression": "claim_rules.costly"},
        ),
        ({"tokens": []}, {"tokens": "invalid.expected_array_of_length_at_least"}),
        ({"tokens": ["cookie"]}, {"tokens": "invalid.invalid_enum_value"}),
    ],
)
async def test_what_is_wrong_stands_at_its_field(
    told: dict[str, str | list[str]], wrong: dict[str, str]
) -> None:
    """For a new rule and for one that is there; nothing is kept, and what was typed is still there."""
    desk = await at_desk()
    await made(desk, "plan")
    other = await made(desk, "color")
    for address in (NEW, path(other)):
        answer = await desk.fills(address, **{**DRAFT, **told})
        assert 400 <= answer.status < 500
        assert problems(answer) == wrong, address
        assert form_of(answer).values["name"] == ({**DRAFT, **told}["name"] or None)
        assert "invalid." not in text_of(answer, desk.tenant)
        assert 'lang="en"' not in text_of(answer, desk.tenant, "ja").partition("<main")[2]
    assert await count(desk) == 2
    assert await rules.find(desk.tenant, other.id) == other


async def test_a_rule_is_changed() -> None:
    """Only what was typed differs; without its tick it is off."""
    desk = await at_desk("Editor")
    rule = await made(desk)
    answer = await sends(
        desk, path(rule), KINDS, {"expression": "'red'", "enabled": None, "tokens": ["userinfo"]}
    )
    assert location(answer).endswith(f"{path(rule)}?done=saved")
    changed = await rules.find(desk.tenant, rule.id)
    assert (changed.name, changed.claim) == (rule.name, rule.claim)
    assert (changed.expression, changed.tokens, changed.enabled) == ("'red'", ("userinfo",), False)
    assert (await desk.happened())[-1].detail["fields"] == ["expression", "tokens", "enabled"]


async def test_two_people_change_a_rule() -> None:
    """The second is shown both values, and overwrites nothing unseen."""
    desk = await at_desk()
    rule = await made(desk)
    stale = form_of(await desk.get(path(rule))).version
    await rules.change(desk.tenant, rule.id, ClaimRuleFields(expression="'green'"), desk.actor_of(desk.user))
    answer = await desk.fills(path(rule), **{**DRAFT, "version": str(stale)})
    form = form_of(answer)
    assert answer.status in {409, 412}
    assert form.now["expression"] == "'green'"
    assert (await rules.find(desk.tenant, rule.id)).expression == "'green'"


async def test_a_draft_is_tried_out() -> None:
    """The value stands there with its tokens; nothing is kept, and nothing is written down."""
    desk = await at_desk("Editor")
    before = len(await desk.happened())
    answer = await tried(desk)
    assert answer.status == 200
    assert said(answer).value == '"aya@example.com"'
    assert said(answer).places == (
        ("id_token", "there"),
        ("access_token", "there"),
        ("userinfo", "there"),
    )
    assert form_of(answer).values["expression"] == "user.email"
    text = text_of(answer, desk.tenant)
    assert '<pre class="wrap">&#34;aya@example.com&#34;</pre>' in text
    assert 'value="aya@example.com"' in text
    assert (await count(desk), len(await desk.happened())) == (0, before)
    assert desk.tenant.rules == ()


async def test_a_change_is_tried_out() -> None:
    """What is typed, not what is kept, which stays; saving afterwards is meant for the same version."""
    desk = await at_desk()
    rule = await made(desk)
    answer = await desk.fills(path(rule), f"{path(rule)}/try", **{**DRAFT, **FOR})
    assert said(answer).value == '"aya@example.com"'
    assert form_of(answer).version == rule.version
    assert await rules.find(desk.tenant, rule.id) == rule
    answer = await desk.get(f"{path(rule)}/try?user=aya@example.com&application=web")
    assert said(answer).value == '"blue"'


@pytest.mark.parametrize("user", [person().id, person().user_id, " aya@example.com "])
async def test_a_person_is_meant_by_any_name(user: str) -> None:
    """An address or an id."""
    assert said(await tried(await at_desk(), user=user)).face


async def test_an_application_is_meant_by_id_or_by_a_name_of_its_own() -> None:
    """Where several are called so, none is guessed."""
    desk = await at_desk()
    shop = replace(web_client(), id="5" * 8, client_id="shop", name="Blue Lantern Shop")
    other = replace(shop, id="6" * 8, client_id="shelf", name="Blue Lantern Shelf")
    assert await desk.tenant.change(Save(shop), Save(other)) is None
    draft = {"expression": "client.client_id"}
    assert said(await tried(desk, **draft, application="shop")).value == '"shop"'
    assert said(await tried(desk, **draft, application="lantern shelf")).value == '"shelf"'
    assert misses(await tried(desk, application="blue lantern")) == {
        "application": "claim_rules.application_several"
    }


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"user": "nobody@example.com"}, {"user": "claim_rules.user_absent"}),
        ({"user": "\0"}, {}),
        ({"application": ""}, {"application": "claim_rules.application_absent"}),
        ({"application": "nothing of the kind"}, {"application": "claim_rules.application_absent"}),
        (
            {"user": "auth0|nobody", "application": "x" * 300},
            {"user": "claim_rules.user_absent", "application": "claim_rules.application_absent"},
        ),
    ],
)
async def test_who_is_not_there_is_said_at_the_field(told: dict[str, str], wrong: dict[str, str]) -> None:
    """Nothing is tried, and the draft is still there."""
    desk = await at_desk()
    answer = await tried(desk, **told)
    assert misses(answer) == wrong
    assert answer.status == (400 if wrong else 200)
    assert (trial(answer).said is None) == bool(wrong)
    assert form_of(answer).values["claim"] == COLOR


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("user.nothing", "absent"),
        ("user.roles[7]", "absent"),
        ("user.email + 1", "kinds"),
        ("{1: 2}", "no_json"),
        ("user.app_metadata.list", "large"),
        ("1 / 0", "otherwise"),
    ],
)
async def test_an_expression_that_fails_is_explained(expression: str, why: str) -> None:
    """In a sentence of every language, with the words of the language of expressions below."""
    desk = await at_desk()
    await noted(desk, 20)
    answer = await tried(desk, expression=expression)
    assert answer.status == 200
    assert (said(answer).why, said(answer).value, said(answer).places) == (why, "", ())
    assert said(answer).raw
    assert "トークンにクレームは入りません" in text_of(answer, desk.tenant, "ja")


async def test_too_much_to_tell_is_explained() -> None:
    """Nobody's expression is told more than was reckoned with."""
    desk = await at_desk()
    await noted(desk, 40)
    assert said(await tried(desk)).why == "told"


async def test_null_leaves_the_claim_out() -> None:
    """That is no failure."""
    answer = await tried(await at_desk(), expression="null")
    assert (said(answer).value, said(answer).why, said(answer).places) == ("", "", ())
    assert "It says nothing" in text_of(answer, (await at_desk()).tenant)


async def test_a_machine_is_tried_by_naming_nobody() -> None:
    """It has access tokens only, and a rule that asks for the person says nothing."""
    desk = await at_desk()
    answer = await tried(desk, user="", expression="client.client_id")
    assert (said(answer).face, said(answer).value) == (None, '"web"')
    assert said(answer).places == (("id_token", "person"), ("access_token", "there"), ("userinfo", "person"))
    assert said(await tried(desk, user="")).value == ""


@pytest.mark.parametrize(
    ("claim", "expression", "verdicts"),
    [
        ("plan", "'free'", ["there", "elsewhere", "there"]),
        ("email", "'other@example.com'", ["there", "elsewhere", "there"]),
        ("phone_number", "'+81312345678'", ["scope", "scope", "scope"]),
        ("", "'free'", ["there", "elsewhere", "there"]),
        (COLOR, "user.app_metadata.list", ["there", "large", "there"]),
    ],
)
async def test_it_says_where_a_claim_would_stand(claim: str, expression: str, verdicts: list[str]) -> None:
    """As tokens are issued: by the name of the claim, by what is asked for, by its size."""
    desk = await at_desk()
    await noted(desk, 10)
    answer = await tried(desk, claim=claim, expression=expression)
    assert [verdict for _, verdict in said(answer).places] == verdicts
    assert "claim_rules." not in text_of(answer, desk.tenant)


async def test_what_is_missing_for_a_rule_is_no_matter_for_a_trial() -> None:
    """A name, a claim and tokens can wait; what is wrong with a claim or an expression is said."""
    desk = await at_desk()
    answer = await tried(desk, name="", claim="", tokens=[], enabled="")
    assert said(answer).value == '"aya@example.com"'
    text = text_of(answer, desk.tenant)
    assert "No kind of token is ticked." in text
    assert problems(await tried(desk, claim="sub")) == {"claim": "claim_rules.restricted"}
    for told in ({}, {"application": ""}):
        answer = await tried(desk, expression="user.", **told)
        assert (answer.status, problems(answer)) == (400, {"expression": "claim_rules.unusable"})
        assert trial(answer).form.values["user"] == "aya@example.com"
    rule = await made(desk, enabled=False)
    answer = await desk.get(f"{path(rule)}/try?user=aya@example.com&application=web")
    assert "The rule is off" in text_of(answer, desk.tenant)


async def test_a_rule_that_came_otherwise_is_tried_too() -> None:
    """One that would be refused by now says so, at its field."""
    desk = await at_desk()
    odd = ClaimRule(tenant=desk.tenant.id, id="clr_" + "a" * 16, name="x", claim="Sub", expression="1 +")
    assert await desk.tenant.change(Save(odd)) is None
    answer = await desk.get(f"{path(odd)}/try?application=web")
    assert problems(answer) == {"claim": "claim_rules.restricted"}


async def test_viewers_look_and_try_what_is_kept() -> None:
    """Nothing can be changed; the trial of a rule needs no right but to read."""
    desk = await at_desk("Viewer")
    rule = await made(desk, expression="user.email")
    assert form_of(await desk.get(NEW)).locked
    assert f'href="/dashboard{NEW}"' not in await desk.text("/claim-rules")
    text = await desk.text(path(rule))
    assert 'id="save"' not in text
    assert f"{path(rule)}/delete" not in text
    assert f'action="/dashboard{path(rule)}/try"' in text
    assert "formaction" not in text
    answer = await desk.get(f"{path(rule)}/try?user=aya@example.com&application=web")
    assert said(answer).value == '"aya@example.com"'
    for address in (NEW, TRY, path(rule), f"{path(rule)}/try", f"{path(rule)}/delete"):
        with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
            await desk.fills(path(rule), address, **{**DRAFT, **FOR})
    assert await rules.find(desk.tenant, rule.id) == rule


@pytest.mark.parametrize("kept_back", NEEDS)
async def test_a_trial_tells_nobody_what_they_may_not_read(kept_back: str) -> None:
    """Whoever writes rules and may not read people or applications is not offered it, and is refused."""
    desk = await at_desk("Owner")
    rule = await made(desk, expression="user.email")
    role = (await powers.roles_of_ranks(desk.tenant))["Owner"]
    less = tuple(each for each in role.permissions if each.scope != kept_back)
    assert isinstance(less[0], Permission)
    assert await desk.tenant.change(Save(replace(role, permissions=less))) is None
    for address in (NEW, path(rule)):
        text = await desk.text(address)
        assert "Locked: to try it" in text
        assert 'name="user"' not in text
        assert 'id="save"' in text
    for answer in (
        tried(desk),
        desk.fills(path(rule), f"{path(rule)}/try", **{**DRAFT, **FOR}),
        desk.get(f"{path(rule)}/try?user=aya@example.com&application=web"),
    ):
        with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
            await answer


async def test_a_rule_is_deleted_after_a_question() -> None:
    """The page names it; afterwards it is gone, and its address leads nowhere."""
    desk = await at_desk("Editor")
    rule = await made(desk)
    text = await desk.text(f"{path(rule)}/delete")
    assert "Delete <bdi>Color</bdi>?" in text
    assert await rules.find(desk.tenant, rule.id)
    answer = await desk.fills(f"{path(rule)}/delete")
    assert location(answer).endswith("/dashboard/claim-rules?done=claim_rule_deleted")
    for address in (path(rule), f"{path(rule)}/try?user=x", f"{path(rule)}/delete", "/claim-rules/clr_x"):
        with pytest.raises(Refused, match=CLAIM_RULE_ABSENT.slug):
            await desk.get(address)


async def test_deleting_wants_a_recent_sign_in() -> None:
    """Whoever signed in long ago does so again first."""
    clock = Clock()
    desk = await at_desk("Owner", clock)
    rule = await made(desk)
    clock.now += 601
    answer = await desk.fills(f"{path(rule)}/delete")
    assert "/authorize" in location(answer)
    assert await rules.find(desk.tenant, rule.id)


async def test_who_comes_back_to_a_trial_finds_the_form() -> None:
    """A trial that was posted by somebody who had to sign in has a page at its address."""
    desk = await at_desk()
    rule = await made(desk)
    assert form_of(await desk.get(TRY)).values["tokens"] == ["id_token"]
    assert form_of(await desk.get(f"{path(rule)}/try")).values["claim"] == COLOR


async def test_what_somebody_is_called_is_text() -> None:
    """Rules, people and applications, and what expressions make of them."""
    desk = await at_desk()
    rule = await made(desk, expression="client.name + client.metadata.evil", name=f"Rule {HOSTILE[:2]}")
    client = await desk.tenant.store.named(Client, desk.tenant.id, "web")
    user = await users.find(desk.tenant, person().id)
    assert client
    evil = "<script>alert(1)</script>"
    named = replace(client, name=HOSTILE + evil, client_metadata={"evil": evil})
    assert await desk.tenant.change(Save(named), Save(replace(user, claims={"name": evil}))) is None
    query = f"user={person().id}&application=web"
    for address in ("/claim-rules", path(rule), f"{path(rule)}/try?{query}", f"{path(rule)}/delete"):
        text = await desk.text(address)
        assert evil not in text
        assert HOSTILE not in text
    assert "&lt;script&gt;" in await desk.text(f"{path(rule)}/try?{query}")
