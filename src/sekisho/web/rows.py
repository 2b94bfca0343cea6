"""The rows of those who have a table of their own: the management API, vendors, pages for people."""

from collections.abc import Iterator

from sekisho import api, pages
from sekisho.api.says import says as api_says
from sekisho.faces import adobe_pass, auth0, entra, power_pages
from sekisho.pages import demo
from sekisho.pages.says import says as page_says
from sekisho.web.route import Route

API = "/api/v2"
# In whose words somebody is answered who finds nothing; the gate of a face has other people's addresses
# below its own, so faces come first.
VOICES = (*adobe_pass.VOICES, *auth0.VOICES, *power_pages.VOICES, *entra.VOICES, (f"{API}/", api_says))


def of_management() -> Iterator[Route]:
    """The management API."""
    for method, path, verb in api.ROUTES:
        yield Route(
            method=method, path=API + path, endpoint=verb, says=api_says, cors="clients", reads="json"
        )


def of_faces(*, development: bool) -> Iterator[Route]:
    """Vendors' own addresses."""
    for method, path, verb, says, reads in (
        *adobe_pass.ROUTES,
        *(adobe_pass.DEMO_ROUTES if development else ()),
    ):
        yield Route(
            method=method, path=path, endpoint=verb, says=says, reads=reads, cors="devices", limit="device"
        )
    yield from map(_of_row, auth0.ROUTES)
    yield from map(_of_row, entra.ROUTES)
    for method, path, verb, says, reads, cors in power_pages.ROUTES:
        yield Route(method=method, path=path, endpoint=verb, says=says, reads=reads, cors=cors, any_case=True)


def _of_row(row: auth0.Row | entra.Row) -> Route:
    return Route(
        method=row.method,
        path=row.path,
        endpoint=row.endpoint,
        says=row.says or page_says,
        reads=row.reads,
        cors=row.cors,
        limit=row.limit,
    )


def of_pages(*, development: bool) -> Iterator[Route]:
    """What people see, and in development what there is to try."""
    for method, path, page, reads in pages.ROUTES:
        yield Route(method=method, path=path, endpoint=page, says=page_says, reads=reads)
    for method, path, endpoint, says in demo.ROUTES if development else ():
        yield Route(method=method, path=path, endpoint=endpoint, says=says)
