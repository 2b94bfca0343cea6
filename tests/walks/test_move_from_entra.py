"""Moving from Entra, with the commands of docs/how-to/move-from-entra.md."""

import json
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.command import done, running
from tests.clients.entra import a_card
from tests.house.source import ROOT
from tests.servers import claims_of
from tests.walks.follower import Follower, blocks, text_of

ENGLISH, JAPANESE = text_of("move-from-entra.md"), text_of("move-from-entra.ja.md")
GOLDEN = ROOT / "tests" / "registry" / "golden"
OLDER = json.loads((GOLDEN / "older_manifest.json").read_text())["manifest"]
# What `az` adds to every application, whatever it is.
BLANK = json.loads((GOLDEN / "graph_manifest.json").read_text())["manifest"]
GRAPH = BLANK["appId"]
TASKS, WORKER = (str(uuid.uuid4()) for _ in range(2))
NICO, RIN, CLERKS = (str(uuid.uuid4()) for _ in range(3))
READ, RUN = (str(uuid.uuid4()) for _ in range(2))
PRINCIPALS = {name: str(uuid.uuid4()) for name in (TASKS, WORKER, GRAPH)}


def application(**told: Any) -> dict[str, Any]:
    """One, as `az` tells it."""
    return {**BLANK, "id": str(uuid.uuid4()), "identifierUris": [], **told}


def grant(client: str, resource: str, person: str | None, scope: str) -> dict[str, Any]:
    """What somebody agreed to; there, applications go by the ids of their service principals."""
    kind = "Principal" if person else "AllPrincipals"
    told = {"clientId": PRINCIPALS[client], "resourceId": PRINCIPALS[resource]}
    return {"id": "x", "consentType": kind, "principalId": person, "scope": scope, **told}


FILES: Mapping[str, Any] = {
    "apps.json": [
        application(
            appId=TASKS,
            displayName="Tasks",
            signInAudience="AzureADandPersonalMicrosoftAccount",
            identifierUris=[f"api://{TASKS}"],
            notes="of ours",
            tags=["webApi"],
            api={
                **BLANK["api"],
                "acceptMappedClaims": True,
                "requestedAccessTokenVersion": 2,
                "oauth2PermissionScopes": [
                    {**BLANK["api"]["oauth2PermissionScopes"][0], "id": READ, "value": "Tasks.Read"}
                ],
            },
            appRoles=[
                {
                    "id": RUN,
                    "value": "Tasks.Run",
                    "displayName": "Runs",
                    "description": None,
                    "allowedMemberTypes": ["User", "Application"],
                    "isEnabled": True,
                    "origin": "Application",
                }
            ],
            passwordCredentials=[],
        ),
        application(
            appId=WORKER,
            displayName="Worker",
            signInAudience="AzureADMyOrg",
            api={**BLANK["api"], "oauth2PermissionScopes": []},
            web={**BLANK["web"], "redirectUris": ["https://worker.example.com/back"]},
            optionalClaims={"idToken": [], "accessToken": [], "saml2Token": [{"name": "upn"}]},
            passwordCredentials=[{"keyId": str(uuid.uuid4()), "hint": "abc", "secretText": None}],
            requiredResourceAccess=[
                {"resourceAppId": TASKS, "resourceAccess": [{"id": READ, "type": "Scope"}]}
            ],
        ),
    ],
    "manifests/older.json": OLDER,
    f"federated/{WORKER}.json": [
        {
            "id": "x",
            "name": "build-server",
            "issuer": "https://build.example.com",
            "subject": "job:1",
            "audiences": ["api://AzureADTokenExchange"],
            "description": None,
        }
    ],
    "users.json": [
        {
            "id": id,
            "displayName": name,
            "givenName": name,
            "surname": None,
            "mail": mail,
            "userPrincipalName": f"{name.lower()}@directory.example.com",
            "preferredLanguage": None,
        }
        for id, name, mail in ((NICO, "Nico", "Nico@example.com"), (RIN, "Rin", None))
    ],
    "groups.json": [{"id": CLERKS, "displayName": "Clerks", "description": None}],
    f"members/{CLERKS}.json": [
        {"id": NICO, "userPrincipalName": "nico@directory.example.com"},
        {"id": str(uuid.uuid4()), "displayName": "A group within", "userPrincipalName": None},
    ],
    "sps.json": [
        {"id": id, "appId": name, "appRoleAssignmentRequired": name in (TASKS, GRAPH)}
        for name, id in PRINCIPALS.items()
    ],
    f"assigned/{TASKS}.json": {
        "value": [
            {"principalType": kind, "principalId": id, "appRoleId": RUN}
            for kind, id in (("User", RIN), ("Group", CLERKS), ("ServicePrincipal", PRINCIPALS[WORKER]))
        ]
    },
    "grants.json": {
        "value": [
            grant(WORKER, TASKS, None, "Tasks.Read"),
            grant(WORKER, GRAPH, NICO, " openid profile User.Read"),
            grant(GRAPH, TASKS, None, "Tasks.Read"),
        ]
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the account at Entra told, and a certificate."""
    made = tmp_path_factory.mktemp("entra")
    for name, told in FILES.items():
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text(json.dumps(told))
    (made / "certificates").mkdir()
    (made / f"certificates/{WORKER}.pem").write_text(a_card().public)
    return made


@pytest.fixture(scope="module")
def moved(folder: Path) -> Iterator[tuple[Follower, str]]:
    """A server, after everything was pasted; and what the shell said."""
    with running("dev", "--port", "{port}", "--https", cwd=folder) as server:
        reader = Follower(server)
        yield reader, reader.follows(blocks(ENGLISH))[0]


@pytest.fixture(scope="module")
def web(moved: tuple[Follower, str], folder: Path) -> Iterator[httpx.Client]:
    """The management API."""
    reader, _ = moved
    token = done("token", cwd=folder).strip()
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{reader.url}/api/v2", headers=headers, verify=False, timeout=10) as found:
        yield found


def secret_of(said: str) -> str:
    """What the shell said once."""
    lines = [json.loads(line) for line in said.splitlines() if "secretText" in line]
    (made,) = (each for each in lines if each["appId"] == WORKER)
    return str(made["secretText"])


def test_both_languages_say_the_same_commands() -> None:
    """What is pasted is the same in both."""
    for language in ("sh", "console"):
        assert blocks(ENGLISH, language) == blocks(JAPANESE, language)
    assert len(blocks(ENGLISH)) == 12


def test_applications_came_along(web: httpx.Client) -> None:
    """With their ids, what they expose, and what they need; both shapes."""
    tasks, worker, older = (web.get(f"/applications/{id}").json() for id in (TASKS, WORKER, OLDER["appId"]))
    assert [each["displayName"] for each in (tasks, worker, older)] == ["Tasks", "Worker", "Orders"]
    assert (tasks["identifierUris"], tasks["signInAudience"]) == ([f"api://{TASKS}"], "AzureADMultipleOrgs")
    assert [each["value"] for each in tasks["api"]["oauth2PermissionScopes"]] == ["Tasks.Read"]
    assert [each["value"] for each in tasks["appRoles"]] == ["Tasks.Run"]
    assert tasks["appRoleAssignmentRequired"] is True
    assert worker["requiredResourceAccess"][0]["resourceAppId"] == TASKS
    assert "https://*.shop.example/*" in older["web"]["redirectUris"]


def test_they_can_prove_themselves(web: httpx.Client) -> None:
    """By a new secret, the certificate that they had, and the token of a workload."""
    worker = web.get(f"/applications/{WORKER}").json()
    assert [each["displayName"] for each in worker["passwordCredentials"]] == ["moved"]
    assert [each["usage"] for each in worker["keyCredentials"]] == ["Verify"]
    trusted = web.get(f"/applications/{WORKER}/federatedIdentityCredentials").json()
    found = trusted["value"] if isinstance(trusted, dict) else trusted
    assert [each["issuer"] for each in found] == ["https://build.example.com"]


def test_people_and_groups_came_along(moved: tuple[Follower, str], web: httpx.Client, folder: Path) -> None:
    """By their old ids, and where they belong; the new GUID of a group is written down."""
    assert "2 came, 0 were here already, 0 were refused." in moved[1]
    nico, rin = (web.get(f"/users/auth0%7C{id}").json() for id in (NICO, RIN))
    assert (nico["email"], rin["email"]) == ("nico@example.com", "rin@directory.example.com")
    assert nico["app_metadata"]["entra_oid"] == NICO
    assert [each["name"] for each in web.get(f"/users/auth0%7C{NICO}/roles").json()] == ["Clerks"]
    assigned = web.get("/appRoleAssignments", params={"resourceId": TASKS}).json()
    groups = {each["principalType"]: each["principalId"] for each in listed(assigned)}
    assert groups.keys() == {"User", "Group", "ServicePrincipal"}
    assert (folder / "groups.txt").read_text() == f"{CLERKS} {groups['Group']}\n"


def test_what_was_agreed_to_came_along(web: httpx.Client) -> None:
    """Of applications that are here; of Graph, what is the server's own."""
    grants = listed(web.get("/oauth2PermissionGrants", params={"clientId": WORKER}).json())
    assert {(each["consentType"], each["resourceId"], each["scope"]) for each in grants} == {
        ("AllPrincipals", TASKS, "Tasks.Read"),
        ("Principal", None, "openid profile"),
    }
    assert listed(web.get("/oauth2PermissionGrants", params={"clientId": GRAPH}).json()) == []


def test_a_moved_application_gets_tokens(moved: tuple[Follower, str]) -> None:
    """With its old id, its new secret, and the role that it had."""
    reader, said = moved
    form = {
        "grant_type": "client_credentials",
        "client_id": WORKER,
        "client_secret": secret_of(said),
        "scope": f"api://{TASKS}/.default",
    }
    answer = httpx.post(f"{reader.url}/demo/oauth2/v2.0/token", data=form, verify=False)
    claims = claims_of(answer.json()["access_token"])
    assert (claims["aud"], claims["azp"], claims["roles"]) == (TASKS, WORKER, ["Tasks.Run"])
    assert claims["iss"] == f"{reader.url}/{claims['tid']}/v2.0"


def listed(answer: Any) -> list[dict[str, Any]]:
    """The entries of a list, with or without its envelope."""
    found: list[dict[str, Any]] = answer["value"] if isinstance(answer, dict) else answer
    return found
