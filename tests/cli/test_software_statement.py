"""sekisho software-statement, beside a running server and beside none."""

import json
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from sekisho.house import open_house
from sekisho.registry import registered_applications, registrations
from sekisho.registry.registrations import Device
from sekisho.settings import load
from tests.cli.command import Server, done, refused
from tests.registered import ACTOR

COMMAND = "software-statement"


def created(here: Path, name: str, *more: str) -> Any:
    """A draft."""
    told = ("--channel", "news", "--channel", "sport", "--domain", "example.com", "--scope", "api:client:v2")
    return json.loads(done(COMMAND, "create", name, *told, *more, "--json", cwd=here))


async def registered(here: Path, id: str, count: int, ago: float = 0) -> list[str]:
    """Clients that registered themselves, so many seconds ago, with a statement of an application."""
    told = {
        "SEKISHO_DATABASE_URL": f"sqlite:///{here}/production.db",
        "SEKISHO_MASTER_KEY_FILE": str(here / "master.key"),
    }
    house = await open_house(load(here / "sekisho.toml", told))
    try:
        there = house.directory.named("")
        assert there
        tenant = replace(there, tools=replace(there.tools, clock=lambda: time.time() - ago))
        application = await registered_applications.find(tenant, id)
        statement = await registered_applications.give_statement(tenant, id, ACTOR)
        device = Device(redirect_uri="https://tv.example.com/", described={"model": "TV", "osName": "tvOS"})
        made = [
            await registrations.register(tenant, application, statement.id, device, ACTOR)
            for _ in range(count)
        ]
        return [each.client.client_id for each in made]
    finally:
        await house.close()


def test_an_application_lives_from_create_to_revoke(dev: Server):
    """An application is created, published, gives statements, and ends; each step is seen by the next."""
    here = dev.folder.parent
    made = created(
        here, "News", "--release", "2.1", "--platform", "Android", "--custom-scheme", "com.example.tv"
    )
    assert (made["state"], made["version"], made["channels"]) == ("draft", "2.1", ["news", "sport"])
    assert "not published yet" in refused(COMMAND, "download", made["id"], cwd=here)
    assert done(COMMAND, "publish", made["id"], cwd=here).endswith("is published.\n")
    first, second = [done(COMMAND, "download", made["id"], cwd=here) for _ in range(2)]
    for text in (first, second):
        assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+\n", text)
    assert first != second
    shown = json.loads(done(COMMAND, "show", made["id"], "--json", cwd=here))
    statements = [name.partition(" ")[2] for name in shown if name.startswith("statement ")]
    assert (shown["state"], len(statements)) == ("published", 2)
    done(COMMAND, "revoke", made["id"], "--statement", statements[0], cwd=here)
    assert "revoked" in done(COMMAND, "show", made["id"], cwd=here)
    assert "News" in done(COMMAND, "list", cwd=here)
    done(COMMAND, "revoke", made["id"], cwd=here)
    listed = json.loads(done(COMMAND, "list", "--json", cwd=here))
    assert [each["state"] for each in listed if each["id"] == made["id"]] == ["revoked"]
    assert "was revoked" in refused(COMMAND, "download", made["id"], cwd=here)
    assert "was revoked" in refused(COMMAND, "publish", made["id"], cwd=here)


def test_says_what_is_wrong(dev: Server):
    """What cannot be is refused in one line that names it."""
    here = dev.folder.parent
    assert "domains" in refused(COMMAND, "create", "Bad", "--domain", "https://example.com", cwd=here)
    assert "does not exist" in refused(COMMAND, "show", "nobody", cwd=here)
    assert "does not exist" in refused(COMMAND, "revoke", "nobody", cwd=here)
    assert "--unused-for" in refused(COMMAND, "prune", "nobody", cwd=here)
    application = dev.card()["registered_application"]["id"]
    assert "does not exist" in refused(COMMAND, "revoke", application, "--statement", "x", cwd=here)
    assert "does not exist" in refused(COMMAND, "delete-client", application, "x", cwd=here)
    assert "does not exist" in refused(COMMAND, "rotate", application, "x", cwd=here)


async def test_looks_after_clients(installation: Path):
    """Clients are listed, get a new secret, are deleted; other commands do not list them."""
    made = created(installation, "News")
    done(COMMAND, "publish", made["id"], cwd=installation)
    names = await registered(installation, made["id"], 2)
    listed = json.loads(done(COMMAND, "clients", made["id"], "--json", cwd=installation))
    assert {each["client_id"] for each in listed} == set(names)
    assert {each["device"] for each in listed} == {"TV tvOS"}
    assert names[0] in done(COMMAND, "clients", made["id"], cwd=installation)
    assert names[0] not in done("client", "list", cwd=installation)
    turned = json.loads(done(COMMAND, "rotate", made["id"], names[0], "--json", cwd=installation))
    assert (len(turned["client_secret"]), turned["generation"]) == (64, 2)
    assert turned["client_secret"] not in done(COMMAND, "clients", made["id"], cwd=installation)
    other = created(installation, "Other")
    assert "does not exist" in refused(COMMAND, "delete-client", other["id"], names[0], cwd=installation)
    done(COMMAND, "delete-client", made["id"], names[0], cwd=installation)
    listed = json.loads(done(COMMAND, "clients", made["id"], "--json", cwd=installation))
    assert [each["client_id"] for each in listed] == [names[1]]


async def test_prunes_after_a_preview(installation: Path):
    """Without --yes nothing is deleted, whatever is idle; with it what was shown goes."""
    made = created(installation, "News")
    done(COMMAND, "publish", made["id"], cwd=installation)
    idle = await registered(installation, made["id"], 25, 100 * 86_400)
    (fresh,) = await registered(installation, made["id"], 1)
    prune = (COMMAND, "prune", made["id"], "--unused-for", "50")
    shown = done(*prune, cwd=installation)
    assert "… and 5 more" in shown
    assert "25 clients that were not used for 50 days would be deleted: say --yes" in shown
    seen = json.loads(done(*prune, "--json", cwd=installation))
    assert (seen["deleted"], seen["count"], set(seen["client_ids"])) == (False, 25, set(idle))
    assert "25 clients that were not used for 50 days are deleted." in done(*prune, "--yes", cwd=installation)
    left = json.loads(done(COMMAND, "clients", made["id"], "--json", cwd=installation))
    assert [each["client_id"] for each in left] == [fresh]


def test_the_demo_has_a_television(dev: Server):
    """The demo tenant has a published application whose statement is told in dev.json, and on the screen."""
    told = dev.card()["registered_application"]
    shown = json.loads(done(COMMAND, "show", told["id"], "--json", cwd=dev.folder.parent))
    facts = (shown["name"], shown["state"], shown["channels"], shown["domains"], shown["scopes"])
    assert facts == ("Demo television", "published", ["demo"], ["example.com"], ["api:client:v2"])
    assert told["software_statement"].count(".") == 2
    token = done("token", cwd=dev.folder.parent).strip()
    web = {"Authorization": f"Bearer {token}"}
    found = httpx.get(f"{dev.url}/api/v2/registered-applications/{told['id']}", headers=web).json()
    assert found["state"] == "published"
