"""Overview: how a period went, why requests were refused, whether all is well. The table of the room."""

from sekisho.pages.dashboard.rooms.overview.page import show
from sekisho.pages.dashboard.row import Row

ROWS: tuple[Row, ...] = (Row("GET", "", show, "read:stats"),)
