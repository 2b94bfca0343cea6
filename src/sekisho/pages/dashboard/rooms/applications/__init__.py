"""Applications: everything that may ask for tokens. The table of the room."""

from sekisho.pages.dashboard.rooms.applications import every, settings
from sekisho.pages.dashboard.row import Row

ROWS: tuple[Row, ...] = (
    Row("GET", "/applications", every.show, "read:clients"),
    Row("GET", "/applications/{client_id}/settings", settings.show, "read:clients"),
    Row("POST", "/applications/{client_id}/settings", settings.save, "update:clients"),
)
