"""Scripts of node/: what they are told, what they find, how their libraries complain."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.clients.place import Place
from tests.outside import leave_out, program

HERE = Path(__file__).with_name("node")
ENTRA = Path(__file__).with_name("entra_node")
INSTALLED = Path(__file__).parents[2] / "node_modules" / "clients"
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Scripts:
    """A folder with the scripts and their libraries."""

    folder: Path
    place: Place

    def run(self, name: str, **told: Any) -> Any:
        """What a story comes to; the library has no complaint."""
        said = self._said(name, told)
        assert "error" not in said, said["error"]
        return said["value"]

    def complaint(self, name: str, **told: Any) -> dict[str, Any]:
        """How the library complains."""
        said = self._said(name, told)
        assert "value" not in said, said["value"]
        found: dict[str, Any] = said["error"]
        return found

    def _said(self, name: str, told: dict[str, Any]) -> dict[str, Any]:
        ended = subprocess.run(
            [program("node"), f"{name}.mjs"],
            cwd=self.folder,
            env={**os.environ, "NODE_EXTRA_CA_CERTS": str(self.place.authority)},
            input=json.dumps({"issuer": self.place.issuer, **told}),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        found: dict[str, Any] = json.loads(ended.stdout)
        return found


def scripts(folder: Path, place: Place, source: Path = HERE) -> Scripts:
    """The scripts beside their libraries, which stay installed for the next time."""
    program("node")
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    (folder / "node_modules").symlink_to(installed(source) / "node_modules")
    return Scripts(folder, place)


def installed(source: Path = HERE) -> Path:
    """What the lock file of a folder names; another one is installed beside it."""
    place = INSTALLED / sha256((source / "package-lock.json").read_bytes()).hexdigest()[:16]
    if not place.exists():
        with _drafted() as draft:
            _install(source, draft)
            # Somebody else may have been faster.
            with suppress(OSError):
                draft.rename(place)
    return place


@contextmanager
def _drafted() -> Iterator[Path]:
    INSTALLED.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=INSTALLED))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _install(source: Path, folder: Path) -> None:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(source / name, folder)
    words = [program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    ended = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, timeout=5 * PATIENCE, check=False
    )
    if ended.returncode:
        leave_out(f"npm does not install the client libraries: {ended.stderr.strip()[-300:]}")
