"""What the figures were taken on: a figure without its machine says nothing."""

import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PACKAGES = ("cryptography", "uvloop", "uvicorn")


def describe(allowed_cores: int) -> dict[str, str]:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {
        "processor": f"{_processor()}, {allowed_cores} cores for this run",
        "system": f"{platform.system()} {platform.release()}",
        "python": python,
        "node": _node(),
        "packages": ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _node() -> str:
    if not shutil.which("node"):
        return "none"
    return subprocess.run(("node", "--version"), check=True, capture_output=True, text=True).stdout.strip()
