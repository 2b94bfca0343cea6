"""Activity: everything that happened, and why what was refused was refused. The table of the room."""

from sekisho.pages.dashboard.rooms.activity import every, one
from sekisho.pages.dashboard.row import Row

ROWS: tuple[Row, ...] = (
    Row("GET", "/activity", every.show, "read:logs"),
    Row("GET", "/activity/{event}", one.show, "read:logs"),
)
