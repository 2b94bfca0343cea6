"""The list of URLs, looked up by the raw path: a dict first, patterns after."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import MALFORMED_REQUEST, METHOD_NOT_ALLOWED, NOT_FOUND, Refused
from sekisho.tenant import Tenant

Endpoint = Callable[[Ask, Tenant], Awaitable[Answer]]
Says = Callable[[Refused, Ask], Answer]
Rule = Callable[[Ask, Tenant], None]

FORM_LIMIT = 64 * 1024
DOCUMENT_LIMIT = 1024 * 1024
# How long a body may be, by how it is read.
BODY_LIMITS: Mapping[str, int] = {
    **dict.fromkeys(("", "form", "loose"), FORM_LIMIT),
    **dict.fromkeys(("json", "raw"), DOCUMENT_LIMIT),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One URL. `names_itself` is the metadata member for it, `cors` says which pages may call it.

    `limit` names the limits of the tenant's policy that hold for it. A method `*` is every other one, and
    a path that ends in `/*` is whatever begins like this and is not found otherwise. `any_case`: the path is
    found in whatever case it is written. `stands` refuses where there is no such address for a tenant.
    """

    method: str
    path: str
    endpoint: Endpoint
    says: Says
    names_itself: str = ""
    cors: Literal["", "any", "clients", "credentials", "devices", "entra", "portal"] = ""
    reads: Literal["", "form", "json", "loose", "raw"] = ""
    limit: Literal["", "token", "device"] = ""
    any_case: bool = False
    stands: Rule | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A route and the variables of its path, each decoded once after splitting."""

    route: Route
    names: dict[str, str] = field(default_factory=dict)


class Routes:
    """All URLs of the process."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._exact: dict[str, dict[str, Found]] = {}
        self._patterns: dict[int, list[tuple[tuple[str, ...], dict[str, Route]]]] = {}
        self._below: dict[str, dict[str, Found]] = {}
        self._folded: dict[str, dict[str, Found]] = {}
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        if route.path.endswith("/*"):
            self._below.setdefault(route.path[:-1], {})[route.method] = Found(route)
            return
        if route.any_case:
            self._folded.setdefault(route.path.casefold(), {})[route.method] = Found(route)
            return
        if "{" not in route.path:
            self._exact.setdefault(route.path, {})[route.method] = Found(route)
            return
        parts = tuple(route.path.split("/"))
        known = self._patterns.setdefault(len(parts), [])
        for pattern, methods in known:
            if pattern == parts:
                methods[route.method] = route
                return
        known.append((parts, {route.method: route}))

    def find(self, method: str, path: str) -> Found:
        """The route of a raw path; HEAD is answered by GET."""
        methods = self._exact.get(path) or self._match(path)
        if methods is None:
            raise Refused(NOT_FOUND)
        found = methods.get("GET" if method == "HEAD" else method) or methods.get("*")
        if found is None:
            raise Refused(METHOD_NOT_ALLOWED, headers={"allow": ", ".join(sorted(methods))})
        return found

    def any_of(self, path: str) -> Found | None:
        """Some route of this path, whatever the method: what a preflight asks about."""
        methods = self._exact.get(path) or self._match(path)
        return next(iter(methods.values())) if methods else None

    def _match(self, path: str) -> dict[str, Found] | None:
        parts = path.split("/")
        for pattern, methods in self._patterns.get(len(parts), ()):
            if all(
                want == got or (want[:1] == "{" and got) for want, got in zip(pattern, parts, strict=True)
            ):
                names = _names(pattern, parts)
                return {method: Found(route, names) for method, route in methods.items()}
        if folded := self._folded.get(path.casefold()):
            return folded
        return next((found for start, found in self._below.items() if path.startswith(start)), None)


def _names(pattern: tuple[str, ...], parts: list[str]) -> dict[str, str]:
    try:
        found = {
            want[1:-1]: unquote(got, errors="strict")
            for want, got in zip(pattern, parts, strict=True)
            if want[:1] == "{"
        }
    except UnicodeDecodeError as error:
        raise Refused(MALFORMED_REQUEST, debug="the path is not UTF-8") from error
    if any("\0" in name for name in found.values()):
        raise Refused(MALFORMED_REQUEST, debug="there is a NUL in the path")
    return found
