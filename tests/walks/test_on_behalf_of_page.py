"""An API that calls the next one, with the commands of docs/how-to/on-behalf-of.md."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

from tests.cli.command import running
from tests.clients.script import ENTRA, installed
from tests.outside import program
from tests.servers import claims_of
from tests.walks.follower import Follower, blocks, sections, text_of

NAME = "on-behalf-of"
WAYS = (
    "One question for both",
    "The API says so",
    "An administrator agrees",
    "When it is needed",
    "One application",
)
ENGLISH, JAPANESE = text_of(f"{NAME}.md"), text_of(f"{NAME}.ja.md")
REGISTERING, CHOOSING, *GOING_ON = sections(ENGLISH)[1:]
KNOWN = ("A", "B", "CLIENT", "SECRET", "TOKEN_A")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Follower]:
    """Somebody beside the server that the page starts with."""
    with running("dev", "--port", "{port}", "--https", cwd=tmp_path_factory.mktemp("behalf")) as server:
        yield Follower(server)


@pytest.fixture(scope="module")
def known(reader: Follower) -> Mapping[str, str]:
    """What the shell of a reader who chose the first way knows after the sign-in."""
    way = sections(CHOOSING, "###")[1]
    return reader.follows([*blocks(REGISTERING), *blocks(way), *blocks(GOING_ON[0])], *KNOWN)[1]


def test_both_languages_say_the_same_commands() -> None:
    """What is pasted is the same in both."""
    for language in ("sh", "python", "js"):
        assert blocks(ENGLISH, language) == blocks(JAPANESE, language)
    assert [len(blocks(ENGLISH, language)) for language in ("sh", "python", "js")] == [18, 1, 2]


def test_there_are_five_ways() -> None:
    """Each way to agree has a heading, and commands."""
    ways = sections(CHOOSING, "###")[1:]
    assert tuple(each.splitlines()[0].removeprefix("### ") for each in ways) == WAYS
    assert all(blocks(each) for each in ways)


@pytest.mark.parametrize("number", range(len(WAYS)), ids=WAYS)
def test_every_command_of_a_way(reader: Follower, number: int) -> None:
    """From the applications to a refreshed token, by secret and by certificate."""
    way = sections(CHOOSING, "###")[number + 1]
    rest = (block for section in GOING_ON for block in blocks(section))
    said, known = reader.follows([*blocks(REGISTERING), *blocks(way), *rest], *KNOWN)
    scope = f"api://{known['B']}/Seats.Read"
    assert said.count('"has_refresh_token": true') == 2
    assert said.count(f'"scope": "{scope}"') == 2
    assert f'"scope": "{scope} api://{known["B"]}/.default"' in said
    assert json.dumps(known["B"]) in said
    assert '"azpacr": "2"' in said
    assert claims_of(known["TOKEN_A"])["aud"] == known["A"]


def test_without_agreement(reader: Follower) -> None:
    """Who agreed to the first application alone is told of the number that the page begins with."""
    scope = ['SCOPE="openid offline_access api://$A/access_as_user"\n']
    signing_in, trading = GOING_ON[:2]
    exchange = blocks(trading)[0].replace("--fail-with-body ", "")
    said, _ = reader.follows(
        [*blocks(REGISTERING), *scope, *blocks(signing_in), exchange, "cat answer.json\n"]
    )
    refused = json.loads(said[said.rindex('{"error"') :])
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [65001])
    assert refused["suberror"] == "consent_required"


def test_msal_for_python(reader: Follower, known: Mapping[str, str]) -> None:
    """The snippet prints what the token is good for."""
    (snippet,) = blocks(ENGLISH, "python")
    assert ran([sys.executable, "-c", reader.told(snippet)], reader, known) == scope_of(known)


def test_msal_for_node(reader: Follower, known: Mapping[str, str]) -> None:
    """So does the other one."""
    (reader.folder / "node_modules").symlink_to(installed(ENTRA) / "node_modules")
    (reader.folder / "tickets.mjs").write_text(reader.told(blocks(ENGLISH, "js")[0]))
    assert ran([program("node"), "tickets.mjs"], reader, known) == scope_of(known)


def scope_of(known: Mapping[str, str]) -> set[str]:
    """What was asked for, and what libraries ask for beside it."""
    return {f"api://{known['B']}/Seats.Read", "openid", "profile"}


def ran(words: list[str], reader: Follower, known: Mapping[str, str]) -> set[str]:
    """The words that a program prints."""
    authority = str(reader.server.folder / "ca.pem")
    trusted = {"REQUESTS_CA_BUNDLE": authority, "NODE_EXTRA_CA_CERTS": authority}
    ended = subprocess.run(
        words,
        cwd=reader.folder,
        env={**os.environ, **trusted, **known},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.split())
