"""The rooms of the dashboard: each brings its rows."""

from sekisho.pages.dashboard.rooms import applications, overview, settings
from sekisho.pages.dashboard.row import Row

ROWS: tuple[Row, ...] = (
    *overview.ROWS,
    *applications.ROWS,
    *settings.ROWS,
)
