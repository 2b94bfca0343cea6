"""A portal's own pages on real servers: from the process setting to the browser."""

import time
from pathlib import Path

import httpx

from sekisho.cli.folder import Folder
from tests.outside import free_port
from tests.servers import Installation


def shown(web: httpx.Client, path: str, status: int) -> httpx.Response:
    """What is answered, once the process has heard of the change."""
    until = time.monotonic() + 5
    while (answer := web.get(path)).status_code != status:
        assert time.monotonic() < until, answer.text
        time.sleep(0.05)
    return answer


def test_pages_are_shown_while_the_origin_is_the_portals(tmp_path: Path) -> None:
    """Said at one process and shown by all, until somebody else lives at the same origin."""
    (tmp_path / "sites" / "contoso").mkdir(parents=True)
    (tmp_path / "sites" / "contoso" / "index.html").write_text("our portal")
    more = {"SEKISHO_SITES_FOLDER": str(tmp_path / "sites")}
    installation = Installation(tmp_path, f"sqlite:///{tmp_path}/sekisho.db", more=more)
    installation.prepare()
    with installation.serving(free_port()) as one, installation.serving(free_port()) as other:
        manage = one.manage()
        answer = manage.patch("/api/v2/tenants/settings", json={"site": {"folder": "contoso"}})
        assert answer.status_code == 200, answer.text
        for server in (one, other):
            assert shown(server.web(), "/index.html", 200).text == "our portal"
            assert server.web().get("/").text == "our portal"
        installation.run("tenant", "create", "acme")
        for server in (one, other):
            assert shown(server.web(), "/index.html", 404).json()["error"] == "not_found"
        assert "shares this origin" in one.log


def test_a_development_server_has_a_folder_for_sites(tmp_path: Path) -> None:
    """Inside of its data folder, where nobody else writes."""
    assert Folder(tmp_path).settings().sites_folder == str(tmp_path.resolve() / "sites")
