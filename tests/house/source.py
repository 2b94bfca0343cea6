"""Source files as the house reads them."""

import ast
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "sekisho"


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path from the top, its text, its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def is_init(self) -> bool:
        """Whether this is a folder's own file."""
        return self.path.endswith("__init__.py")

    @property
    def lines(self) -> int:
        """How long it is."""
        return len(self.text.splitlines())

    def at(self, node: ast.AST, what: str) -> str:
        """A finding, as an editor can jump to it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {what}"


Check = Callable[[Source], Iterator[str]]


def read(text: str, path: str = "src/sekisho/spec/planted.py") -> Source:
    """A source from its text."""
    return Source(path, text, ast.parse(text, filename=path))


def sources(folder: Path) -> list[Source]:
    """Every Python file below a folder."""
    top = folder if ROOT not in folder.parents else ROOT
    return [
        read(path.read_text("utf-8"), path.relative_to(top).as_posix())
        for path in sorted(folder.rglob("*.py"))
    ]


def findings(check: Check, files: Iterable[Source]) -> list[str]:
    """Everything that one check finds."""
    return [found for file in files for found in check(file)]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    """Everything that a function takes, starred ones too."""
    args = function.args
    starred = [arg for arg in (args.vararg, args.kwarg) if arg]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *starred]


def repository_files() -> list[Path]:
    """The files that are, or would be, committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in sorted(set(listed.split("\0"))) if name and (ROOT / name).is_file()]
