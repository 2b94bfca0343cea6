"""sekisho dev: one command, a second start that keeps everything, and nothing touched that is not its own."""

import asyncio
import json
import shlex
import socket
import stat
import subprocess
from pathlib import Path

from msgspec.structs import replace

from sekisho.cli.dev import demo
from sekisho.cli.folder import MASTER, Card, Folder
from sekisho.cli.work import OPERATOR
from sekisho.house import open_house
from sekisho.keys.master import Master
from sekisho.people import permissions, users
from sekisho.people.factors import password
from sekisho.registry import clients, registered_applications
from sekisho.store.sql import migrate
from tests.cli.command import Server, done, refused, running
from tests.outside import program


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_tells_everything_in_dev_json(dev: Server):
    """The file dev.json says where the server is, and how the sample clients prove themselves."""
    card = dev.card()
    assert card["base_url"] == dev.url
    assert card["ca_file"] is None
    people = {each["email"]: each["password"] for each in card["accounts"]}
    assert list(people) == ["admin@example.com", "user@example.com", "user@example.jp"]
    assert all(len(each) >= 20 for each in people.values())
    assert len(set(people.values())) == 3
    assert card["web_application"]["url"] == f"{dev.url}/demo/app"
    machine, console = card["clients"]
    assert machine["audience"] == "https://api.example.com"
    assert machine["scope"] == "read:things write:things"
    assert console["audience"] == f"{dev.url}/api/v2/"
    assert all(each["client_id"] and len(each["client_secret"]) >= 43 for each in card["clients"])


def test_keeps_the_folder_to_its_owner(dev: Server):
    """The data folder and every secret in it are for their owner only."""
    assert mode(dev.folder) == 0o700
    assert mode(dev.folder / "master.key") == 0o600
    assert all(mode(path) & 0o077 == 0 for path in dev.folder.iterdir())


def test_listens_on_loopback_only(dev: Server):
    """Nobody else on the network can reach it."""
    with socket.socket() as sock:
        sock.settimeout(1)
        assert sock.connect_ex(("127.0.0.2", dev.port)) != 0


def test_second_start_keeps_everything(tmp_path: Path):
    """A second start finds the same tenant, secrets and keys, prints them again, and a printed line works."""
    with running("dev", "--port", "{port}", cwd=tmp_path) as first:
        card = first.card()
        before = card["clients"]
        keys = (first.folder / "master.key").read_bytes()
        first.stop()
    with running("dev", "--port", "{port}", cwd=tmp_path) as second:
        after = second.card()
        printed = second.read_until("Ctrl-C stops the server")
        line = next(line.strip() for line in printed if " curl " in line)
        program("curl")
        answer = subprocess.run(shlex.split(line), capture_output=True, text=True, timeout=20, check=True)
        second.stop()
    assert second.process.returncode == 0
    assert [each["client_secret"] for each in after["clients"]] == [each["client_secret"] for each in before]
    assert [each["client_id"] for each in after["clients"]] == [each["client_id"] for each in before]
    assert (tmp_path / ".sekisho" / "master.key").read_bytes() == keys
    assert after["base_url"] == second.url
    assert after["accounts"] == card["accounts"]
    assert after["web_application"]["client_id"] == card["web_application"]["client_id"]
    assert any(card["accounts"][1]["password"] in line for line in printed)
    assert json.loads(answer.stdout)["token_type"] == "Bearer"
    assert json.loads(answer.stdout)["scope"] == "read:things write:things"


async def test_keeps_its_application_and_a_statement_that_is_good(tmp_path: Path):
    """The application stays; its statement does while it is good: of this address, and not revoked."""
    folder = Folder(tmp_path)
    Master.create(folder.file(MASTER))
    cards = [Card(base_url="http://localhost:8001")]
    await asyncio.to_thread(migrate, folder.settings(cards[0].base_url).database_url)
    for port in (8001, 8001, 8002):
        card = replace(cards[-1], base_url=f"http://localhost:{port}")
        house = await open_house(folder.settings(card.base_url))
        cards.append(await demo.prepare(house, card, folder))
        tenant = house.directory.named("")
        assert tenant
        last = cards[-1].registered_application
        assert last
        if port == 8002:
            await registered_applications.revoke(tenant, last.id, OPERATOR)
            cards.append(await demo.prepare(house, cards[-1], folder))
        await house.close()
    _, first, again, elsewhere, anew = [each.registered_application for each in cards]
    assert first
    assert again == first
    assert elsewhere
    assert elsewhere.id == first.id
    assert elsewhere.software_statement != first.software_statement
    assert anew
    assert anew.id != first.id


def test_makes_samples_anew_when_their_secrets_are_lost(tmp_path: Path):
    """Nobody can say a lost secret, so a sample whose secret is lost is replaced, and only that."""
    with running("dev", "--port", "{port}", cwd=tmp_path) as first:
        before = first.card()["clients"]
        first.stop()
    (tmp_path / ".sekisho" / "dev.json").unlink()
    with running("dev", "--port", "{port}", cwd=tmp_path) as second:
        card = second.card()
        after = card["clients"]
        listed = json.loads(done("client", "list", "--json", cwd=tmp_path))
    # The web application is public, so it has nothing to lose; those in Entra's words keep their names.
    stay = {card["web_application"]["client_id"]}
    stay |= {each["client_id"] for each in card["entra"]["applications"]}
    assert {each["client_id"] for each in listed} == {each["client_id"] for each in after} | stay
    assert {each["client_id"] for each in before}.isdisjoint(each["client_id"] for each in after)


async def test_people_and_the_application_follow_the_folder(tmp_path: Path):
    """A lost password is made anew, who was deleted comes back, a moved server has new addresses."""
    folder = Folder(tmp_path)
    Master.create(folder.file(MASTER))
    cards = [Card(base_url="http://localhost:8001")]
    await asyncio.to_thread(migrate, folder.settings(cards[0].base_url).database_url)
    for port in (8001, 8002):
        last = cards[-1]
        house = await open_house(folder.settings(f"http://localhost:{port}"))
        kept = replace(last, base_url=f"http://localhost:{port}", accounts=last.accounts[:2])
        cards.append(await demo.prepare(house, kept, folder))
        tenant = house.directory.named("")
        assert tenant
        application = cards[-1].web_application
        assert application
        client = await clients.find(tenant, application.client_id)
        assert application.url in {each.url for each in client.reply_urls}
        assert all(f":{port}/" in each.url for each in client.reply_urls)
        assert client.allowed_logout_urls == tuple(each.url for each in client.reply_urls)
        for account in cards[-1].accounts:
            user = await password.verify(tenant, account.email, account.password, "127.0.0.1")
            assert user.email == account.email
        owner = await users.find(tenant, "admin@example.com")
        assert [each.name for each in await permissions.roles_of(tenant, owner)] == ["Owner"]
        await users.delete(tenant, "user@example.com", OPERATOR)
        await house.close()
    _, first, second = cards
    assert second.accounts[:2] == first.accounts[:2]
    assert second.accounts[2] != first.accounts[2]
    assert second.web_application
    assert first.web_application
    assert second.web_application.client_id == first.web_application.client_id


def test_reset_deletes_only_what_it_knows(tmp_path: Path):
    """--reset makes new secrets and leaves every file alone that is not ours."""
    with running("dev", "--port", "{port}", cwd=tmp_path) as first:
        before = first.card()["clients"]
        first.stop()
    (tmp_path / ".sekisho" / "notes.txt").write_text("mine")
    with running("dev", "--port", "{port}", "--reset", cwd=tmp_path) as second:
        after = second.card()["clients"]
    assert {each["client_secret"] for each in before}.isdisjoint(each["client_secret"] for each in after)
    assert (tmp_path / ".sekisho" / "notes.txt").read_text() == "mine"


def test_one_server_per_folder(dev: Server):
    """Two servers on one folder would tell different addresses, and a reset would take the ground away."""
    assert "Another `sekisho dev` uses the folder" in refused(
        "dev", "--port", "0", "--reset", cwd=dev.folder.parent
    )
    assert dev.card()["base_url"] == dev.url


def test_leaves_a_folder_of_other_things_alone(tmp_path: Path):
    """A folder that holds other things is not taken over."""
    (tmp_path / "thesis.txt").write_text("mine")
    before = mode(tmp_path)
    assert "holds other things" in refused("dev", "--port", "0", "--data", ".", "--reset", cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert mode(tmp_path) == before


def test_refuses_a_database_without_its_key(tmp_path: Path):
    """A database whose master key is gone is not given another one."""
    (tmp_path / ".sekisho").mkdir()
    (tmp_path / ".sekisho" / "sekisho.db").touch()
    assert "put the key back, or start anew with --reset" in refused("dev", "--port", "0", cwd=tmp_path)


def test_without_the_demo_there_is_no_tenant(tmp_path: Path):
    """--no-demo makes nobody; a tenant that is created while the server runs is served at once."""
    with running("dev", "--port", "{port}", "--no-demo", cwd=tmp_path) as server:
        assert server.card()["clients"] == []
        made = json.loads(done("tenant", "create", "acme", "--default", "--json", cwd=tmp_path))
        assert made["issuer"] == f"{server.url}/"
        assert done("token", cwd=tmp_path).count(".") == 2
