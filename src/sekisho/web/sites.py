"""A portal's own pages among the addresses: after all of them, and never in the place of one."""

from collections.abc import Iterator
from dataclasses import replace

from sekisho.faces.power_pages import site
from sekisho.web.route import Route, Says

FIRST = "/"
# Answered before the list is asked: health, and the tenants that live below a path.
ELSEWHERE = frozenset(("healthz", "readyz", "t"))


def with_pages(rows: tuple[Route, ...], says: Says) -> Iterator[Route]:
    """The rows, and one more for all other paths. The first page is ours only where a portal has none."""
    for row in rows:
        yield replace(row, endpoint=site.instead_of(row.endpoint)) if row.path == FIRST else row
    owned = {row.path.split("/")[1].casefold() for row in rows if row.path != FIRST} | ELSEWHERE
    stands = site.beside(owned)
    yield Route(method="*", path="/*", endpoint=site.page, says=says, reads="raw", stands=stands)
