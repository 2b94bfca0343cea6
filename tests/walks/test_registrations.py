"""Installations register themselves at one process, and are ended at another."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from tests.outside import free_port
from tests.servers import Installation, made

APPLICATION = {
    "name": "Television",
    "channels": ["news"],
    "domains": ["example.com"],
    "scopes": ["api:client:v2"],
}
PATH = "/api/v2/registered-applications"
RACERS = 8
ORIGINAL = {"X-Original-Method": "GET", "X-Original-URI": "/api/v2/news/configuration"}


@dataclass
class Release:
    """A published application, seen from one process, whose installations ask another one."""

    manage: httpx.Client
    web: httpx.Client
    id: str

    def ask(self, method: str, path: str, **told: Any) -> httpx.Response:
        """Something about it, by the management API; it has to succeed."""
        answer = self.manage.request(method, f"{PATH}/{self.id}{path}", **told)
        assert answer.is_success, answer.text
        return answer

    def statement(self) -> str:
        """One more."""
        return self.ask("GET", "/software-statement").text

    def register(self, statement: str) -> httpx.Response:
        """A device that has this statement embedded."""
        return self.web.post("/o/client/register", json={"software_statement": statement})

    def token(self, client: dict[str, Any]) -> httpx.Response:
        """A token for an installation."""
        form = {name: client[name] for name in ("client_id", "client_secret")}
        return self.web.post("/o/client/token", data={**form, "grant_type": "client_credentials"})

    def admitted(self, token: str) -> httpx.Response:
        """What the gate says to it."""
        headers = {**ORIGINAL, "authorization": f"Bearer {token}", "x-device-info": "e30="}
        return self.web.get("/o/gate", headers=headers)

    def installed(self, statement: str) -> tuple[dict[str, Any], str]:
        """An installation and its token, which is good."""
        client = eventually(lambda: self.register(statement), 201).json()
        token = str(eventually(lambda: self.token(client), 201).json()["access_token"])
        assert self.admitted(token).status_code in (200, 204)
        return client, token


def eventually(answer: Callable[[], httpx.Response], status: int) -> httpx.Response:
    """A change in one process is believed by every other one within a second."""
    since = time.monotonic()
    while (found := answer()).status_code != status:
        assert time.monotonic() - since < 1.0, (found.status_code, found.text)
        time.sleep(0.02)
    return found


def unhurried(manage: httpx.Client) -> None:
    """All our devices have one address: its pace is not what is looked at, and every process knows that."""
    answer = manage.patch("/api/v2/tenants/settings", json={"adobe_pass": {"rate": 0, "burst": 0}})
    assert answer.is_success, answer.text
    time.sleep(1.0)


def released(manage: httpx.Client, web: httpx.Client) -> Release:
    """Made and published."""
    release = Release(manage, web, made(manage, "registered-applications", **APPLICATION)["id"])
    release.ask("POST", "/publish")
    return release


def test_what_ends_here_is_refused_there_within_a_second(installation: Installation) -> None:
    """A secret, a client, a statement, an application: what ends at one process is over at every other."""
    with installation.serving(free_port()) as here, installation.serving(free_port()) as there:
        manage = here.manage()
        unhurried(manage)
        release = released(manage, there.web())
        one, other = release.statement(), release.statement()
        lost, gone, ended, last = [release.installed(text) for text in (one, one, one, other)]

        release.ask("POST", f"/clients/{lost[0]['client_id']}/rotate-secret")
        eventually(lambda: release.admitted(lost[1]), 401)
        assert release.token(lost[0]).json() == {"error": "invalid_client"}

        release.ask("DELETE", f"/clients/{gone[0]['client_id']}")
        eventually(lambda: release.admitted(gone[1]), 401)
        assert release.token(gone[0]).json() == {"error": "invalid_client"}
        assert release.admitted(ended[1]).is_success

        (jti,) = [
            each["statement"]
            for each in release.ask("GET", "/clients").json()
            if each["client_id"] == ended[0]["client_id"]
        ]
        release.ask("POST", f"/software-statements/{jti}/revoke")
        eventually(lambda: release.admitted(ended[1]), 401)
        assert release.token(ended[0]).json() == {"error": "invalid_client"}
        assert release.register(one).json() == {"error": "unapproved_software_statement"}
        assert release.admitted(last[1]).is_success

        release.ask("POST", "/revoke")
        eventually(lambda: release.admitted(last[1]), 401)
        assert release.token(last[0]).json() == {"error": "invalid_client"}
        assert release.register(other).json() == {"error": "unapproved_software_statement"}


def test_one_of_many_in_two_processes_wins_a_version(installation: Installation) -> None:
    """Of those who publish, replace a secret or revoke a version at two processes, one does."""
    with installation.serving(free_port()) as here, installation.serving(free_port()) as there:
        managers = [here.manage(), there.manage()]
        unhurried(managers[0])
        id = made(managers[0], "registered-applications", **APPLICATION)["id"]

        def race(path: str, version: int) -> httpx.Response:
            def ask(n: int) -> httpx.Response:
                return managers[n % 2].post(f"{PATH}/{id}{path}", headers={"if-match": f'"{version}"'})

            with ThreadPoolExecutor(RACERS) as racers:
                answers = list(racers.map(ask, range(RACERS)))
            won = [answer for answer in answers if answer.status_code == 200]
            assert [answer.status_code for answer in answers].count(412) == RACERS - 1
            (winner,) = won
            assert winner.headers["etag"] == f'"{version + 1}"'
            return winner

        assert race("/publish", 1).json()["state"] == "published"
        release = Release(managers[0], there.web(), id)
        client, _ = release.installed(release.statement())
        fresh = race(f"/clients/{client['client_id']}/rotate-secret", 1).json()
        assert fresh["generation"] == 2
        eventually(lambda: release.token(fresh), 201)
        eventually(lambda: release.token(client), 400)
        assert race("/revoke", 2).json()["state"] == "revoked"
