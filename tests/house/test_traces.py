"""The repository names no machine and no registry."""

import pytest

from tests.house.source import ROOT, repository_files
from tests.house.traces import foreign_hosts, machine_paths, registries

SLASH = "/"
DOT = "."


def texts() -> list[tuple[str, str]]:
    """Every text file of the repository: its path and what it says."""
    found = []
    for path in repository_files():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            found.append((path.relative_to(ROOT).as_posix(), content.decode("utf-8", "replace")))
    return found


def test_repository_names_no_machine_and_no_registry():
    """No file has an absolute path of a machine or the host of a package registry."""
    found = [
        line for path, text in texts() for check in (machine_paths, registries) for line in check(path, text)
    ]
    assert found == []


def test_readme_names_no_hosts():
    """The README names only example hosts and the homes of the documents that we implement."""
    readmes = [(path.name, path.read_text("utf-8")) for path in sorted(ROOT.glob("README*.md"))]
    assert [line for path, text in readmes for line in foreign_hosts(path, text)] == []


@pytest.mark.parametrize("folder", ["work", "root", "home", "farm"])
def test_finds_the_path_of_a_machine(folder: str):
    """An absolute path of somebody's machine is found wherever it stands."""
    path = f"{SLASH}{folder}{SLASH}someone"
    assert list(machine_paths("a.py", f"x = 1\ny = '{path}'")) == [f"a.py:2: path of a machine: {path[:-6]}"]
    assert list(machine_paths("a.sh", f"cd {path}"))


@pytest.mark.parametrize(
    "text", ["https://example.com/home/x", "src/work/x", "$TOP/root/x", "/rooted", "/tmp/x"]
)
def test_leaves_other_paths(text: str):
    """Paths of addresses and relative paths pass."""
    assert list(machine_paths("a.py", text)) == []


@pytest.mark.parametrize(
    "host", [("pypi", "org"), ("registry", "npmjs", "org"), ("files", "pythonhosted", "org")]
)
def test_finds_a_registry(host: tuple[str, ...]):
    """The host of a registry is found."""
    assert len(list(registries("x.json", f'"resolved": "{DOT.join(host)}"'))) == 1


@pytest.mark.parametrize(
    "line", ["--index-url x", "--extra-index-url x", "--find-links x", "a @ https://x.test/a"]
)
def test_finds_a_place_in_a_lock_file(line: str):
    """A lock file that names a place is found."""
    assert len(list(registries("requirements/run.txt", f"a==1\n{line}\n"))) == 1
    assert list(registries("requirements/run.txt", "a==1 \\\n    --hash=sha256:00\n")) == []


@pytest.mark.parametrize("address", ["https://build.corp.net/x", "http://10.1.2.3:80", "ssh://git@server/x"])
def test_finds_a_foreign_host(address: str):
    """A host that is neither an example nor a home of documents is found."""
    assert len(list(foreign_hosts("README.md", f"see <{address}>"))) == 1


@pytest.mark.parametrize(
    "address", ["http://localhost:8000/x", "https://id.example.com", "https://www.rfc-editor.org/"]
)
def test_leaves_free_hosts(address: str):
    """Example hosts, loopback and the homes of the documents pass."""
    assert list(foreign_hosts("README.md", f"see <{address}>")) == []
