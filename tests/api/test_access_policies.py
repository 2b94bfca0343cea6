"""/api/v2/conditional-access-policies, in the shape of Graph's conditionalAccessPolicy."""

import json
from typing import Any

import pytest

from sekisho.model.role import Role, group_id
from sekisho.model.step import Save
from sekisho.model.tenant import AccessPolicy
from sekisho.people import powers
from sekisho.spec.refusals.conditional import ACCESS_POLICIES_MANY, ACCESS_POLICY_ABSENT
from sekisho.tenant import MOST_POLICIES
from tests.conditional import guid, only, policed, rule
from tests.tenants import AUDIENCE, TENANT
from tests.visitor import person, web_client

LINE = "/conditional-access-policies"
EVERYBODY = {"users": {"includeUsers": ["All"]}}
BODY: dict[str, Any] = {
    "displayName": "Second factor",
    "conditions": EVERYBODY,
    "grantControls": {"builtInControls": ["mfa"]},
}


async def peopled(desk: Any) -> None:
    """Somebody, an application and a role."""
    role = Role(tenant=TENANT, id="rol_f", name="Finance")
    assert await desk.tenant.change(Save(person()), Save(web_client()), Save(role)) is None


async def test_a_policy_comes_and_goes(desk):
    """Made, read, listed, changed at its version, deleted; a deleted one is absent."""
    made = await desk.made(f"POST {LINE}", BODY)
    assert made == {
        "id": made["id"],
        "displayName": "Second factor",
        "state": "enabled",
        "conditions": {
            "applications": {
                "includeApplications": ["All"],
                "excludeApplications": [],
                "includeAuthenticationContextClassReferences": [],
            },
            "clientApplications": {"includeServicePrincipals": ["All"], "excludeServicePrincipals": []},
            "users": {"includeUsers": ["All"], "excludeUsers": [], "includeGroups": [], "excludeGroups": []},
            "locations": {"includeLocations": ["All"], "excludeLocations": []},
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"], "authenticationContext": None},
        "sessionControls": {"signInFrequency": None},
        "createdDateTime": made["createdDateTime"],
        "modifiedDateTime": made["modifiedDateTime"],
    }
    one = f"{LINE}/{made['id']}"
    assert (await desk.ask(f"GET {one}")).json == made
    assert (await desk.ask(f"GET {one}?fields=displayName")).json == {"displayName": "Second factor"}
    assert (await desk.ask(f"GET {LINE}?include_totals=true")).json["access_policies"] == [made]
    off = await desk.made(f"PATCH {one}", {"state": "disabled"})
    assert (off["state"], off["conditions"]) == ("disabled", made["conditions"])
    assert (await desk.made(f"PATCH {one}", {"state": None}))["state"] == "enabled"
    assert (await desk.ask(f"PATCH {one}", {"state": "disabled"}, if_match='"1"')).status == 412
    assert (await desk.ask(f"DELETE {one}")).status == 204
    for line in (f"GET {one}", f"PATCH {one}", f"DELETE {one}", f"GET {LINE}/x"):
        answer = await desk.ask(line, {} if line.startswith("PATCH") else None)
        assert (answer.status, answer.json["errorCode"]) == (404, ACCESS_POLICY_ABSENT.error)
    assert await desk.tenant.store.count(AccessPolicy, TENANT, {}) == 0


async def test_everything_comes_back_as_it_was_said(desk):
    """Names are those that are kept: the first identifier, GUIDs, networks in one spelling."""
    await peopled(desk)
    group = group_id(TENANT, "rol_f")
    said = {
        "displayName": "All of it",
        "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "applications": {
                "includeApplications": [AUDIENCE],
                "includeAuthenticationContextClassReferences": ["c1", "urn:x"],
            },
            "clientApplications": {
                "includeServicePrincipals": ["All"],
                "excludeServicePrincipals": ["web", "sekisho-dashboard"],
            },
            "users": {
                "includeUsers": [person().user_id],
                "excludeUsers": [person().id],
                "includeGroups": ["rol_f"],
                "excludeGroups": [group],
            },
            "locations": {
                "includeLocations": ["203.0.113.9/24", "2001:db8::1", "::ffff:198.51.100.0/120"],
                "excludeLocations": ["10.0.0.1"],
            },
        },
        "grantControls": {"operator": "AND", "builtInControls": ["mfa"], "authenticationContext": "c2"},
        "sessionControls": {"signInFrequency": {"value": 36, "type": "hours", "isEnabled": True}},
    }
    made = await desk.made(f"POST {LINE}", said)
    conditions = made["conditions"]
    assert conditions["users"] == {
        "includeUsers": [person().id],
        "excludeUsers": [person().id],
        "includeGroups": [group],
        "excludeGroups": [group],
    }
    assert conditions["locations"]["includeLocations"] == [
        *("203.0.113.0/24", "2001:db8::1/128", "198.51.100.0/24")
    ]
    assert conditions["locations"]["excludeLocations"] == ["10.0.0.1/32"]
    assert conditions["clientApplications"] == said["conditions"]["clientApplications"]  # type: ignore[index]
    assert made["grantControls"] == said["grantControls"]
    assert made["sessionControls"] == said["sessionControls"]
    again = {name: made[name] for name in said}
    assert (await desk.made(f"PATCH {LINE}/{made['id']}", again))["conditions"] == conditions
    less = await desk.made(f"PATCH {LINE}/{made['id']}", {"sessionControls": None, "conditions": EVERYBODY})
    assert less["sessionControls"] == {"signInFrequency": None}
    assert less["conditions"]["applications"]["includeApplications"] == ["All"]


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (60, "minutes", (1, "hours")),
        (48, "hours", (2, "days")),
        (90, "minutes", (90, "minutes")),
        (1, "days", (1, "days")),
    ],
)
async def test_an_age_is_shown_in_the_greatest_unit(desk, value, unit, shown):
    """A minute is the least; one that is off is none."""
    often = {"value": value, "type": unit}
    made = await desk.made(f"POST {LINE}", BODY | {"sessionControls": {"signInFrequency": often}})
    found = made["sessionControls"]["signInFrequency"]
    assert (found["value"], found["type"]) == shown
    off = {"signInFrequency": {**often, "isEnabled": False}}
    changed = await desk.made(f"PATCH {LINE}/{made['id']}", {"sessionControls": off})
    assert changed["sessionControls"]["signInFrequency"] is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"displayName": None}, "displayName"),
        ({"displayName": "<b>"}, "name"),
        ({"state": "on"}, "state"),
        ({"conditions": None}, "conditions"),
        ({"conditions": {}}, "users"),
        ({"conditions": {"users": {}}}, "Somebody has to be meant"),
        ({"conditions": {"users": {"includeUsers": ["nobody"]}}}, "There is no such thing: nobody"),
        ({"conditions": {"users": {"includeUsers": ["All", "x"]}}}, "All stands alone"),
        ({"conditions": {"users": {"includeUsers": ["All"], "excludeUsers": ["All"]}}}, "left out"),
        ({"conditions": {**EVERYBODY, "platforms": {}}}, "platforms"),
        ({"conditions": {**EVERYBODY, "applications": {"includeApplications": ["x"]}}}, "no such thing"),
        ({"conditions": {**EVERYBODY, "locations": {"includeLocations": ["AllTrusted"]}}}, "no such thing"),
        ({"grantControls": None}, "demands something"),
        ({"grantControls": {"builtInControls": ["block", "mfa"]}}, "asked for nothing else"),
        ({"grantControls": {"builtInControls": ["compliantDevice"]}}, "builtInControls"),
        (
            {"grantControls": {"operator": "OR", "builtInControls": ["mfa"], "authenticationContext": "c1"}},
            "AND",
        ),
        ({"sessionControls": {"signInFrequency": {"value": 0, "type": "hours"}}}, "value"),
        ({"sessionControls": {"signInFrequency": {"value": 59, "type": "seconds"}}}, "type"),
    ],
)
async def test_what_is_wrong_is_said(desk, wrong, said):
    """What names nothing, demands nothing, or is none of Graph's members that we have."""
    answer = await desk.ask(f"POST {LINE}", BODY | wrong)
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body"), wrong
    assert said in answer.json["message"]


async def test_there_are_only_so_many(desk):
    """One more is refused; ask again after deleting one."""
    policies = (
        AccessPolicy(tenant=TENANT, id=guid(str(number)), name=str(number), terms=rule(block=True))
        for number in range(MOST_POLICIES)
    )
    assert await desk.tenant.change(*map(Save, policies)) is None
    answer = await desk.ask(f"POST {LINE}", BODY)
    assert (answer.status, answer.json["errorCode"]) == (400, ACCESS_POLICIES_MANY.error)


@pytest.mark.parametrize("act", ["create", "update", "delete"])
def test_only_owners_change_policies(act):
    """An editor reads them."""
    assert powers.may("Owner", f"{act}:access_policies")
    assert not powers.may("Editor", f"{act}:access_policies")
    assert powers.may("Viewer", "read:access_policies")


ASKED = {"userId": "aya@example.com", "clientId": "web", "api": AUDIENCE}


async def test_it_says_who_would_be_asked_for_what_and_why(desk):
    """Every policy, in words; and the document that the application would get."""
    await peopled(desk)
    desk.tenant = policed(
        desk.tenant,
        strong=rule(second_factor=True, max_age=3_600),
        office=rule(block=True, networks=only("203.0.113.0/24")),
        other=rule(block=True, clients=only("other")),
        watched=rule(block=True, state="enabledForReportingButNotEnforced"),
    )
    body = ASKED | {"address": "198.51.100.7", "signedInMinutesAgo": 60}
    found = (await desk.ask(f"POST {LINE}/simulate", body)).json
    assert found["outcome"] == "second_factor"
    told = {each["displayName"]: (each["matches"], each["why"], each["unmet"]) for each in found["policies"]}
    assert told == {
        "strong": (
            True,
            "No second factor was shown: amr has no mfa. The sign-in is older than it lets it be",
            ["second_factor", "max_age"],
        ),
        "office": (False, "It is about another network", []),
        "other": (False, "It is about another application", []),
        "watched": (True, "It lets nobody in", ["block"]),
    }
    assert (found["error"]["error"], found["error"]["suberror"]) == ("interaction_required", "basic_action")
    assert found["error"]["error_codes"] == [50079]
    assert json.loads(found["error"]["claims"])["access_token"]["polids"]["values"] == [guid("strong")]
    body |= {"signedInWith": ["pwd", "otp", "mfa"], "signedInMinutesAgo": 1}
    found = (await desk.ask(f"POST {LINE}/simulate", body)).json
    assert (found["outcome"], found["error"]) == ("allowed", None)
    assert found["policies"][0]["id"]
    found = (await desk.ask(f"POST {LINE}/simulate", body | {"address": "::ffff:203.0.113.1"})).json
    assert (found["outcome"], found["error"]["suberror"]) == ("blocked", "message_only")


@pytest.mark.parametrize(
    ("terms", "more", "outcome"),
    [
        (rule(context="c1"), {}, "context"),
        (rule(context="c1"), {"contextsSatisfied": ["c1"]}, "allowed"),
        (rule(contexts=("c1",), second_factor=True), {"contextsAsked": ["c1"]}, "second_factor"),
        (rule(max_age=60), {"signedInMinutesAgo": 1}, "sign_in"),
    ],
)
async def test_contexts_and_ages_are_simulated(desk, terms, more, outcome):
    """As they would be at a refresh, or in an exchange."""
    await peopled(desk)
    desk.tenant = policed(desk.tenant, one=terms)
    assert (await desk.ask(f"POST {LINE}/simulate", ASKED | more)).json["outcome"] == outcome


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"userId": "nobody"}, 404, "inexistent_user"),
        ({"clientId": "nobody"}, 404, "inexistent_client"),
        ({"api": "nobody"}, 404, "inexistent_resource_server"),
        ({"api": None}, 400, "invalid_body"),
        ({"address": "home"}, 400, "invalid_body"),
        ({"userName": "x"}, 400, "invalid_body"),
    ],
)
async def test_only_what_is_there_is_simulated(desk, more, status, code):
    """Somebody, an application, an API and an address."""
    await peopled(desk)
    answer = await desk.ask(f"POST {LINE}/simulate", ASKED | more)
    assert (answer.status, answer.json["errorCode"]) == (status, code)


async def test_simulating_takes_the_right_to_read_people(desk):
    """What a policy says of somebody says which groups they are in."""
    await peopled(desk)
    token = desk.token("read:access_policies")
    assert (await desk.ask(f"POST {LINE}/simulate", ASKED, token=token)).status == 403
    token = desk.token("read:access_policies", "read:users")
    assert (await desk.ask(f"POST {LINE}/simulate", ASKED, token=token)).status == 200
