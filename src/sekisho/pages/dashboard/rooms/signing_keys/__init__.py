"""Signing keys: what tokens are signed with, now and next. The table of the room."""

from sekisho.pages.dashboard.rooms.signing_keys import every, revoke, rotate
from sekisho.pages.dashboard.row import Row

ROTATE, REVOKE = "/signing-keys/rotate/{alg}", "/signing-keys/revoke/{kid}"

ROWS: tuple[Row, ...] = (
    Row("GET", "/signing-keys", every.show, "read:signing_keys"),
    Row("GET", ROTATE, rotate.doubt, "create:signing_keys", recent=True),
    Row("POST", ROTATE, rotate.rotate, "create:signing_keys", recent=True),
    Row("GET", REVOKE, revoke.doubt, "update:signing_keys", recent=True),
    Row("POST", REVOKE, revoke.revoke, "update:signing_keys", recent=True),
)
