"""The rooms of the dashboard: each brings its rows."""

from sekisho.pages.dashboard.rooms import (
    apis,
    applications,
    overview,
    registered_applications,
    settings,
    users,
)
from sekisho.pages.dashboard.row import Row

ROWS: tuple[Row, ...] = (
    *overview.ROWS,
    *applications.ROWS,
    *apis.ROWS,
    *registered_applications.ROWS,
    *settings.ROWS,
    *users.ROWS,
)
