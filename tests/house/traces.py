"""Traces of a machine that may not enter the repository, and hosts that a README may name."""

import re
from collections.abc import Iterator

# Written so that this file does not match itself.
MACHINE_PATH = re.compile(
    r"(?<![\w.$}>-])/(?:work|farm|root|home)/\w|(?<![\w.])/(?:Users)/\w|\b[A-Z]:\\Users\\"
)
REGISTRY = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|pypi\.python\.org|npmjs\.org|npmjs\.com|yarnpkg\.com"
    r"|proxy\.golang\.org|crates\.io|deb\.debian\.org|security\.debian\.org)\b"
)
INDEX_OPTION = re.compile(r"://|--(?:extra-)?index-url|--find-links|--trusted-host|^-[if] ", re.MULTILINE)
HOST = re.compile(r"\b[a-z][a-z0-9+.-]*://(\[[0-9a-f:]+\]|[^\s/:)>\"'`\]]+)", re.IGNORECASE)
# Hosts of examples (RFC 2606, RFC 6761) and of the documents that we implement.
FREE_HOST = re.compile(
    r"(?:.+\.)?(?:localhost|test|invalid|example|example\.(?:com|net|org|jp))|127\.0\.0\.1|\[::1\]|0\.0\.0\.0"
    r"|(?:.+\.)?(?:rfc-editor\.org|ietf\.org|openid\.net|oasis-open\.org|w3\.org|apache\.org)"
)


def machine_paths(path: str, text: str) -> Iterator[str]:
    """Absolute paths of somebody's machine."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := MACHINE_PATH.search(line):
            yield f"{path}:{number}: path of a machine: {found.group()}"


def registries(path: str, text: str) -> Iterator[str]:
    """Names of package registries; a lock file names no place at all."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := REGISTRY.search(line):
            yield f"{path}:{number}: host of a registry: {found.group()}"
    if path.startswith("requirements/") and (found := INDEX_OPTION.search(text)):
        yield f"{path}: a lock file names a place: {found.group()}"


def foreign_hosts(path: str, text: str) -> Iterator[str]:
    """Hosts that are neither examples nor homes of the documents that we implement."""
    for found in HOST.finditer(text):
        if not FREE_HOST.fullmatch(found.group(1)):
            yield f"{path}: names the host {found.group(1)}"
