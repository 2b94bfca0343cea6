"""The list of URLs: what is found at an address, and what is found below one."""

import pytest

from sekisho.oauth.says import says
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import METHOD_NOT_ALLOWED, NOT_FOUND, Reason, Refused
from sekisho.tenant import Tenant
from sekisho.web.route import Route, Routes


async def nothing(_ask: Ask, _tenant: Tenant) -> Answer:
    return Answer()


def row(method: str, path: str) -> Route:
    return Route(method=method, path=path, endpoint=nothing, says=says)


ROUTES = Routes(
    (
        row("*", "/o/gate/*"),
        row("GET", "/o/gate/own"),
        row("*", "/o/gate"),
        row("GET", "/o/gate/{name}/words"),
        row("POST", "/things"),
        row("*", "/things"),
        row("GET", "/only/*"),
    )
)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("GET /o/gate", "/o/gate"),
        ("PROPFIND /o/gate", "/o/gate"),
        ("GET /o/gate/", "/o/gate/*"),
        ("HEAD /o/gate/api/v2/x", "/o/gate/*"),
        ("DELETE /o/gate/a//b/%2F/../c", "/o/gate/*"),
        ("GET /o/gate/own", "/o/gate/own"),
        ("GET /o/gate/x/words", "/o/gate/{name}/words"),
        ("HEAD /only/x", "/only/*"),
    ],
)
def test_an_address_is_found_before_what_is_below_it(line: str, path: str) -> None:
    """A row for everything below takes what no other row has, whatever stands there, in any method."""
    method, _, target = line.partition(" ")
    assert ROUTES.find(method, target).route.path == path
    assert ROUTES.any_of(target) is not None


def test_a_named_method_comes_before_every_other() -> None:
    """A row for all methods takes those that have no row of their own."""
    assert ROUTES.find("POST", "/things").route.method == "POST"
    assert ROUTES.find("GET", "/things").route.method == "*"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("GET /o/gates", NOT_FOUND),
        ("GET /o/gat", NOT_FOUND),
        ("GET /x/o/gate/y", NOT_FOUND),
        ("GET /only", NOT_FOUND),
        ("POST /only/x", METHOD_NOT_ALLOWED),
        ("POST /o/gate/own", METHOD_NOT_ALLOWED),
    ],
)
def test_what_is_nowhere_is_not_found(line: str, reason: Reason) -> None:
    """Below means after a slash; an address of its own has its own methods."""
    method, _, target = line.partition(" ")
    with pytest.raises(Refused) as refused:
        ROUTES.find(method, target)
    assert refused.value.reason is reason
