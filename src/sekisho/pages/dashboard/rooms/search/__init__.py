"""Search: a word leads to pages, settings, applications, APIs, users and events. The table of the room."""

from sekisho.pages.dashboard.rooms.search import page
from sekisho.pages.dashboard.row import Row

# As for the first page of all; each finds what they may read.
ROWS: tuple[Row, ...] = (Row("GET", "/search", page.show, "read:stats"),)
