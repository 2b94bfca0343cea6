"""Policies of conditional access: as sentences, a new one, one that is there, its end, the simulation."""

from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.api import Api
from sekisho.model.role import Permission, Role, group_id
from sekisho.model.step import Save
from sekisho.model.tenant import AccessPolicy
from sekisho.pages.dashboard.rooms.policies.guessing import NEEDS, Said
from sekisho.people import powers, users
from sekisho.registry.access_policies import policies
from sekisho.spec.conditional.terms import EVERYTHING, Terms, Which
from sekisho.spec.http import Answer
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.conditional import ACCESS_POLICY_ABSENT
from sekisho.spec.refusals.people import ADMINISTRATION_DENIED
from sekisho.store import Window
from sekisho.tenant import MOST_POLICIES
from tests.conditional import guid, policed, rule
from tests.dashboard.desk import AtDesk, at_desk, shown, text_of
from tests.dashboard.forms import form_of
from tests.tenants import AUDIENCE, TENANT, Clock
from tests.visitor import location, person

NEW = "/policies/new"
REPORT = "enabledForReportingButNotEnforced"
DRAFT: dict[str, str | list[str]] = {"name": "Payments", "state": "enabled", "second_factor": "on"}
FOR = "?user=aya@example.com&application=web"


async def made(desk: AtDesk, name: str = "Payments", **terms: Any) -> AccessPolicy:
    """A policy that is there."""
    told = Terms(**({"second_factor": True} | terms))
    policy = AccessPolicy(tenant=TENANT, id=guid(name), name=name, terms=told)
    assert await desk.tenant.change(Save(policy)) is None
    return await policies.find(desk.tenant, policy.id)


def path(policy: AccessPolicy) -> str:
    """Where its page is."""
    return f"/policies/{policy.id}"


def problems(answer: Answer) -> dict[str, str]:
    """What is wrong, by field."""
    return {field: problem.key for field, problem in form_of(answer).problems.items()}


async def only_one(desk: AtDesk) -> AccessPolicy:
    """The one that there is."""
    (policy,) = await desk.tenant.store.records(AccessPolicy, TENANT, {}, Window(limit=5))
    return policy


async def role(desk: AtDesk, name: str = "Finance") -> str:
    """A role of the tenant, as a group."""
    assert await desk.tenant.change(Save(Role(tenant=TENANT, id="rol_f", name=name))) is None
    return group_id(TENANT, "rol_f")


async def test_policies_are_sentences() -> None:
    """Who, what, from where, what then; and nothing yet where there is none."""
    desk = await at_desk()
    assert "No policies yet" in await desk.text("/policies")
    guid_of = await role(desk)
    await made(desk)
    await made(desk, "Off", state="disabled", second_factor=False, block=True)
    await made(
        desk,
        "Finance",
        state=REPORT,
        max_age=900,
        context="c2",
        contexts=("c1",),
        users=Which(include=(person().id, "gone"), exclude=("left-out",)),
        groups=Which(include=(guid_of,), exclude=("nobody",)),
        apis=Which(include=(AUDIENCE, "b", "c", "d"), exclude=("e",)),
        clients=Which(include=("web",)),
        networks=Which(include=("All",), exclude=("203.0.113.0/24",)),
    )
    text = await desk.text("/policies")
    for part in (
        "anyone",
        "anything",
        "anywhere",
        "ask for a second factor",
        "refuse",
        "Report only",
        ">On<",
    ):
        assert part in text, part
    for part in (
        *("aya@example.com", "members of <bdi>Finance</bdi>", "but not <bdi>left-out</bdi>", "and 1 more"),
        *(
            "<bdi>Things</bdi>",
            "<bdi>Web</bdi>",
            "outside <bdi>203.0.113.0/24</bdi>",
            "context <bdi>c1</bdi>",
        ),
        *("after 15 minutes", "ask for context <bdi>c2</bdi>"),
    ):
        assert part in text, part
    assert text.index("Finance") < text.index("Payments") < text.index(">Off<")
    assert "すべてのユーザー" in await desk.text("/policies", "ja")


async def test_what_policies_did_is_counted() -> None:
    """Of the last seven days, for whoever may read the logs."""
    clock = Clock()
    desk = await at_desk("Owner", clock)
    policy = await made(desk)
    assert "Last 7 days: never" in await desk.text("/policies")
    for slug, times in (("access_policy_asked", 3), ("access_policy_watched", 1)):
        for _ in range(times):
            desk.tenant.audit.batch(desk.tenant.audit.event(TENANT, slug, detail={"policy": policy.id}))
    await desk.tenant.audit.flush()
    text = await desk.text("/policies")
    assert "asked 3" in text
    assert "would match 1" in text
    assert "asked 3" in await desk.text(f"{path(policy)}/delete")
    clock.now += 7 * 86_400 + 1
    desk = await at_desk("Owner", clock)


async def test_a_policy_is_created() -> None:
    """It says what was typed, for everybody and everything where nothing is; the audit knows who made it."""
    desk = await at_desk("Owner")
    await role(desk)
    assert form_of(await desk.get(NEW)).values["state"] == REPORT
    assert "Finance" in await desk.text(NEW)
    answer = await desk.fills(NEW, **DRAFT)
    assert location(answer).endswith("/dashboard/policies?done=policy_created")
    policy = await only_one(desk)
    assert (policy.name, policy.terms) == ("Payments", Terms(second_factor=True))
    assert [(event.slug, event.user) for event in await desk.happened()][-1] == (
        "access_policy_created",
        desk.user.user_id,
    )


async def test_everything_can_be_said() -> None:
    """People by their address, roles by ticks, the rest line by line; and it stands there again."""
    desk = await at_desk("Owner")
    group = await role(desk)
    told: dict[str, str | list[str]] = {
        **DRAFT,
        "users": "aya@example.com",
        "but_users": person().user_id,
        "groups": [group],
        "but_groups": [group],
        "apis": AUDIENCE,
        "but_clients": "web",
        "networks": "203.0.113.9/24\n2001:db8::/32",
        "contexts": "c1\nurn:x",
        "minutes": "15",
        "context": "c2",
    }
    assert location(await desk.fills(NEW, **told)).endswith("policy_created")
    policy = await only_one(desk)
    assert policy.terms == Terms(
        users=Which(include=(person().id,), exclude=(person().id,)),
        groups=Which(include=(group,), exclude=(group,)),
        apis=Which(include=(AUDIENCE,)),
        clients=Which(include=("All",), exclude=("web",)),
        networks=Which(include=("203.0.113.0/24", "2001:db8::/32")),
        contexts=("c1", "urn:x"),
        second_factor=True,
        max_age=900,
        context="c2",
    )
    values = form_of(await desk.get(path(policy))).values
    assert values["users"] == ["aya@example.com"]
    assert (values["minutes"], values["contexts"], values["groups"]) == (15, ["c1", "urn:x"], [group])


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "<b>"}, "name"),
        ({"state": "perhaps"}, "state"),
        ({"second_factor": []}, "block"),
        ({"block": "on"}, "block"),
        ({"users": "nobody@example.com"}, "users"),
        ({"but_users": "nobody"}, "but_users"),
        ({"users": "All\naya@example.com"}, "users"),
        ({"but_users": "All"}, "but_users"),
        ({"groups": ["rol_x"]}, "groups"),
        ({"apis": "https://nobody"}, "apis"),
        ({"but_apis": "\0"}, "but_apis"),
        ({"clients": "nobody"}, "clients"),
        ({"networks": "203.0.113.0/33"}, "networks"),
        ({"but_networks": "the office"}, "but_networks"),
        ({"contexts": "c 1"}, "contexts"),
        ({"context": "c 1"}, "context"),
        ({"contexts": "c1", "context": "c1"}, "context"),
        ({"minutes": "0"}, "minutes"),
        ({"minutes": "soon"}, "minutes"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(told: dict[str, str | list[str]], field: str) -> None:
    """In words of the page, for a new one and for one that is there; nothing is kept."""
    desk = await at_desk("Owner")
    there = await made(desk)
    for address in (NEW, path(there)):
        answer = await desk.fills(address, **{**DRAFT, **told})
        assert 400 <= answer.status < 500
        assert list(problems(answer)) == [field], address
        text = text_of(answer, desk.tenant)
        assert "invalid." not in text
        assert 'lang="en"' not in text_of(answer, desk.tenant, "ja").partition("<main")[2]
    assert await only_one(desk) == there


async def test_a_policy_is_changed_by_one_at_a_time() -> None:
    """It holds from the next request on; whoever was slower is shown both values."""
    desk = await at_desk("Owner")
    policy = await made(desk)
    stale = str(policy.version)
    answer = await desk.fills(path(policy), **{**DRAFT, "version": stale, "minutes": "5"})
    assert location(answer).endswith(f"{path(policy)}?done=saved")
    assert (await only_one(desk)).terms.max_age == 300
    answer = await desk.fills(path(policy), **{**DRAFT, "version": stale, "name": "Other"})
    assert answer.status in {409, 412}
    assert form_of(answer).now["name"] == "Payments"


async def test_there_are_only_so_many() -> None:
    """One more is not offered, and refused anyway."""
    desk = await at_desk("Owner")
    for number in range(MOST_POLICIES):
        await made(desk, f"Policy {number}")
    assert f'href="/dashboard{NEW}"' not in await desk.text("/policies")
    assert problems(await desk.fills(NEW, **DRAFT)) == {"": "why.access_policies_many.title"}


async def test_a_policy_is_deleted_after_a_question() -> None:
    """The page says what it did; afterwards it is gone. Whoever signed in long ago does so again first."""
    clock = Clock()
    desk = await at_desk("Owner", clock)
    policy = await made(desk)
    assert "Delete <bdi>Payments</bdi>?" in await desk.text(f"{path(policy)}/delete")
    clock.now += 601
    assert "/authorize" in location(await desk.fills(f"{path(policy)}/delete"))
    desk = await at_desk("Owner")
    policy = await made(desk)
    assert location(await desk.fills(f"{path(policy)}/delete")).endswith("?done=policy_deleted")
    for address in (path(policy), f"{path(policy)}/delete", "/policies/x"):
        with pytest.raises(Refused, match=ACCESS_POLICY_ABSENT.slug):
            await desk.get(address)


@pytest.mark.parametrize("rank", ["Editor", "Viewer"])
async def test_only_owners_change_policies(rank: str) -> None:
    """Everybody else looks."""
    desk = await at_desk(rank)
    policy = await made(desk)
    assert form_of(await desk.get(NEW)).locked
    text = await desk.text(path(policy))
    assert 'id="save"' not in text
    assert f"{path(policy)}/delete" not in text
    assert f'href="/dashboard{NEW}"' not in await desk.text("/policies")
    for address in (NEW, path(policy), f"{path(policy)}/delete"):
        with pytest.raises(Refused, match=ADMINISTRATION_DENIED.slug):
            await desk.fills(path(policy), address, **DRAFT)


# ---- the simulation


async def simulated(desk: AtDesk, query: str, **rules: Terms) -> Any:
    """The trial of an address, with these policies."""
    desk.browser.tenant = policed(desk.tenant, **rules)
    return shown(await desk.get(f"/policies{query}"))["trial"]


def said(trial: Any) -> Said:
    """What came of it."""
    assert isinstance(trial.said, Said), trial.form.problems
    return trial.said


@pytest.mark.parametrize(
    ("terms", "query", "outcome"),
    [
        (rule(second_factor=True), "", "second_factor"),
        (rule(second_factor=True), "&how=code", "allowed"),
        (rule(block=True), "&how=code", "blocked"),
        (rule(max_age=600), "&minutes=10", "sign_in"),
        (rule(max_age=600), "&minutes=9", "allowed"),
        (rule(context="c1"), "", "context"),
        (rule(contexts=("c1",), second_factor=True), "&contexts=c1", "second_factor"),
        (rule(block=True, apis=Which(include=(AUDIENCE,))), f"&api={AUDIENCE}", "blocked"),
        (rule(block=True, apis=Which(include=(AUDIENCE,))), "", "allowed"),
        (rule(block=True, networks=Which(include=("203.0.113.0/24",))), "&address=203.0.113.7", "blocked"),
        (rule(block=True, networks=Which(include=("203.0.113.0/24",))), "&address=198.51.100.7", "allowed"),
        (rule(block=True, state=REPORT), "", "allowed"),
    ],
)
async def test_who_would_be_asked_for_what(terms: Terms, query: str, outcome: str) -> None:
    """Each policy with why, and what the API gets."""
    desk = await at_desk("Viewer")
    trial = await simulated(desk, FOR + query, one=terms)
    assert said(trial).outcome == outcome
    assert (said(trial).document == "") == (outcome == "allowed")
    text = await desk.text(f"/policies{FOR}{query}")
    assert "policies." not in text.partition("<main")[2]
    assert await desk.happened() == [] or "access_policy" not in str((await desk.happened())[-1].slug)


async def test_the_trail_says_why() -> None:
    """What stands in the way first, then what holds, then what does not."""
    desk = await at_desk()
    trial = await simulated(
        desk,
        FOR,
        other=rule(block=True, clients=Which(include=("other",))),
        met=rule(max_age=60),
        strong=rule(second_factor=True),
    )
    assert [line.policy.name for line in said(trial).lines] == ["strong", "met", "other"]
    text = await desk.text(f"/policies{FOR}")
    for part in ("no second factor was shown", "another application", "interaction_required", guid("strong")):
        assert part in text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?user=nobody@example.com&application=web", "user"),
        ("?user=aya@example.com", "application"),
        ("?user=aya@example.com&application=nobody", "application"),
        (f"{FOR}&api=nobody", "api"),
        (f"{FOR}&address=home", "address"),
        (f"{FOR}&minutes=-1", "minutes"),
        (f"{FOR}&minutes=99999999999", "minutes"),
    ],
)
async def test_what_is_not_there_is_said_at_the_field(query: str, field: str) -> None:
    """Nothing is simulated."""
    desk = await at_desk()
    trial = await simulated(desk, query, one=rule(block=True))
    assert (trial.said, list(trial.form.problems)) == (None, [field])
    assert "policies." not in (await desk.text(f"/policies{query}")).partition("<main")[2]


@pytest.mark.parametrize("kept_back", NEEDS)
async def test_a_simulation_tells_nobody_what_they_may_not_read(kept_back: str) -> None:
    """Whoever may not read people or applications is not offered it."""
    desk = await at_desk("Owner")
    role_of = (await powers.roles_of_ranks(desk.tenant))["Owner"]
    less = tuple(each for each in role_of.permissions if each.scope != kept_back)
    assert isinstance(less[0], Permission)
    assert await desk.tenant.change(Save(replace(role_of, permissions=less))) is None
    trial = await simulated(desk, FOR, one=rule(block=True))
    assert (trial.form.locked, trial.said) == (True, None)
    assert "Locked: to simulate" in await desk.text(f"/policies{FOR}")


async def test_what_things_are_called_is_text() -> None:
    """Policies, roles, APIs and people."""
    desk = await at_desk()
    evil = "<script>alert(1)</script>"
    group = await role(desk, evil)
    api = await desk.tenant.known.named(Api, TENANT, AUDIENCE)
    user = await users.find(desk.tenant, person().id)
    assert api
    saves = (Save(replace(api, name=evil)), Save(replace(user, claims={"email": evil})))
    assert await desk.tenant.change(*saves) is None
    policy = await made(
        desk,
        evil,
        context=evil,
        contexts=(evil,),
        users=Which(include=(person().id, evil)),
        groups=Which(include=(group,)),
        apis=Which(include=(AUDIENCE,)),
        networks=Which(include=(evil,)),
    )
    desk.browser.tenant = policed(desk.tenant, **{evil: rule(block=True)})
    for address in (f"/policies{FOR}&contexts={evil}", path(policy), f"{path(policy)}/delete"):
        assert evil not in await desk.text(address)
    assert EVERYTHING.include == ("All",)
