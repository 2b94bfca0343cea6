"""sekisho claim-rule, beside a running server."""

import json
import re
from pathlib import Path
from typing import Any

import httpx

from tests.cli.command import Server, done, refused
from tests.cli.test_tutorial import pasted
from tests.cli.test_verbs import eventually
from tests.house.source import ROOT
from tests.outside import program
from tests.servers import claims_of

COMMAND = "claim-rule"
CLAIM = "https://app.example.com/team"


def listed(here: Path) -> list[dict[str, Any]]:
    """The rules that there are."""
    found: list[dict[str, Any]] = json.loads(done(COMMAND, "list", "--json", cwd=here))
    return found


def test_a_rule_comes_and_goes(dev: Server):
    """Made, listed, changed and deleted; what is not said stays as it is."""
    here = dev.folder.parent
    made = json.loads(done(COMMAND, "create", CLAIM, "client.metadata.team", "--json", cwd=here))
    assert (made["claim"], made["name"], made["tokens"], made["enabled"]) == (
        CLAIM,
        CLAIM,
        ["id_token"],
        True,
    )
    asked = ("--into", "access_token", "--into", "userinfo", "--disabled", "--name", "Team")
    changed = json.loads(done(COMMAND, "update", made["id"], *asked, "--json", cwd=here))
    assert (changed["tokens"], changed["enabled"]) == (["access_token", "userinfo"], False)
    assert (changed["name"], changed["expression"]) == ("Team", "client.metadata.team")
    again = json.loads(done(COMMAND, "update", made["id"], "--enabled", "--json", cwd=here))
    assert (again["tokens"], again["enabled"]) == (["access_token", "userinfo"], True)
    assert [each["id"] for each in listed(here)] == [made["id"]]
    assert done(COMMAND, "delete", made["id"], cwd=here).endswith("is deleted.\n")
    assert listed(here) == []
    assert "does not exist" in refused(COMMAND, "delete", made["id"], cwd=here)


def test_the_running_server_follows(dev: Server):
    """A rule that another process made is in the next tokens, and gone from them when it is deleted."""
    here, audience = dev.folder.parent, "https://claims.example"
    done("api", "create", "Claims", audience, cwd=here)
    machine = json.loads(done("client", "create", "Team", "--type", "non_interactive", "--json", cwd=here))
    done("client", "allow", machine["client_id"], audience, cwd=here)
    form = {"grant_type": "client_credentials", "audience": audience}
    form |= {name: machine[name] for name in ("client_id", "client_secret")}

    def said() -> str:
        text = httpx.post(f"{dev.url}/oauth/token", data=form).json()["access_token"]
        return str(claims_of(text).get(CLAIM))

    assert said() == "None"
    asked = (CLAIM, "client.name + '!'", "--into", "access_token", "--json")
    made = json.loads(done(COMMAND, "create", *asked, cwd=here))
    assert eventually(said, "Team!")
    done(COMMAND, "delete", made["id"], cwd=here)
    assert eventually(said, "None")


def test_what_no_token_could_say_is_refused(dev: Server):
    """With the reason, and nothing is kept."""
    here = dev.folder.parent
    assert "not for rules" in refused(COMMAND, "create", "sub", "'x'", cwd=here)
    assert "Syntax error" in refused(COMMAND, "create", CLAIM, "1 +", cwd=here)
    assert "too long" in refused(COMMAND, "create", CLAIM, "user.a.map(x, user.b.map(y, [x, y]))", cwd=here)
    assert listed(here) == []


def test_the_how_to_runs(dev: Server):
    """Each block works when pasted, and leaves the rules that it says."""
    program("curl")
    here = dev.folder.parent
    text = (ROOT / "docs" / "how-to" / "claim-rules.md").read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text.replace("http://localhost:8000", dev.url), re.DOTALL)
    assert len(blocks) == 6
    told = pasted(blocks, here)
    assert '"errorCode"' not in told
    left = {each["claim"].rpartition("/")[2]: each["tokens"] for each in listed(here)}
    assert left == {
        "plan": ["id_token", "userinfo"],
        "staff": ["id_token"],
        "roles": ["access_token"],
        "team": ["access_token"],
    }
    for each in listed(here):
        done(COMMAND, "delete", each["id"], cwd=here)
