"""The tutorial of a first sign-in does what it says."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

from tests.cli.command import PROGRAM, Server, environment
from tests.outside import program
from tests.pages.chromium import chromium, person

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "first-sign-in.md"
DONE = "http://127.0.0.1:9000/done"


def blocks(server: Server) -> list[str]:
    """What the reader pastes into a shell, for the port of the tests."""
    text = TUTORIAL.read_text("utf-8").replace("http://localhost:8000", server.url)
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def pasted(commands: list[str], folder: Path, before: str = "") -> str:
    """What one shell prints for these commands."""
    script = f'set -eu -o pipefail\npython3() {{ "{sys.executable}" "$@"; }}\n{before}\n{"".join(commands)}'
    ended = subprocess.run(
        [program("bash"), "-c", script],
        cwd=folder,
        env=environment({"PATH": f"{PROGRAM.parent}:/usr/bin:/bin"}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def answered(page: Page, address: str, email: str, password: str) -> dict[str, list[str]]:
    """Sign in and allow; what the address says at which nobody answers."""
    page.goto(address)
    page.fill("#username", email)
    page.fill("#password", password)
    page.click("#sign-in")
    page.wait_for_url("**/consent**")
    with page.expect_request(lambda request: request.url.startswith(DONE)) as asked:
        page.click("#allow")
    return parse_qs(urlsplit(asked.value.url).query)


def test_the_tutorial_runs(dev: Server) -> None:
    """Each block works when pasted, from the client to the refusal after the revocation."""
    program("curl")
    folder = dev.folder.parent
    _, *steps = blocks(dev)
    assert len(steps) == 7
    told = pasted([*steps[:3], 'echo "$APP $VERIFIER"'], folder).split()
    address, app, verifier = told
    account = dev.card()["accounts"][1]
    with chromium() as browser, person(browser) as context:
        got = answered(context.new_page(), address, account["email"], account["password"])
    assert (got["state"], got["iss"]) == (["1234"], [f"{dev.url}/"])
    known = f"APP={app} VERIFIER={verifier} CODE={got['code'][0]}"
    said = pasted(steps[3:], folder, known)
    assert "openid email offline_access read:journeys" in said
    assert "Hakone" in said
    assert '"email":"user@example.com"' in said.replace(" ", "")
    assert '"error":"insufficient_scope"' in said
    assert '"error":"invalid_grant"' in said
    assert not (folder / "tokens.json").exists()
