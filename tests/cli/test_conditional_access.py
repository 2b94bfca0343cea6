"""The how-to on conditional access, followed: its commands as they stand, in both languages."""

import re
import subprocess
from pathlib import Path

from tests.cli.command import PROGRAM, Server, environment
from tests.house.source import ROOT
from tests.outside import program

NAME = "conditional-access"


def blocks(name: str) -> list[str]:
    """What a reader pastes."""
    text = (ROOT / "docs" / "how-to" / name).read_text("utf-8")
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def followed(commands: list[str], folder: Path) -> list[str]:
    """What one shell prints that is handed them."""
    run = subprocess.run(
        [program("bash"), "-c", "set -eu\n" + "\n".join(commands)],
        cwd=folder,
        env=environment({"PATH": f"{PROGRAM.parent}:/usr/bin:/bin"}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, (run.stdout, run.stderr)
    return run.stdout.splitlines()


def test_both_languages_say_the_same_commands() -> None:
    """What is pasted is the same in both."""
    assert blocks(f"{NAME}.md") == blocks(f"{NAME}.ja.md")
    assert len(blocks(f"{NAME}.md")) == 4


def test_the_how_to_runs(dev: Server) -> None:
    """A policy is watched, simulated, switched on, narrowed and deleted, with the answers that it says."""
    for needed in ("curl", "jq"):
        program(needed)
    commands = [each.replace("http://localhost:8000", dev.url) for each in blocks(f"{NAME}.md")]
    said = "\n".join(followed(commands, dev.folder.parent))
    assert '{"outcome":"allowed","policies":[{"displayName":"Second factor for journeys"' in said
    assert '"state":"enabledForReportingButNotEnforced","matches":true' in said
    assert '{"displayName":"Second factor for journeys","state":"enabled"}' in said
    assert '"outcome": "second_factor"' in said
    assert '"error": "interaction_required"' in said
    assert said.count('"allowed"') == 2
    assert '{"includeLocations":["All"],"excludeLocations":["203.0.113.0/24","2001:db8::/32"]}' in said
