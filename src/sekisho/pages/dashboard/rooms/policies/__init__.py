"""Policies of conditional access: as sentences, changed, and simulated on somebody. The table of the room."""

from sekisho.pages.dashboard.rooms.policies import create, delete, every, settings
from sekisho.pages.dashboard.row import Row

READ = "read:access_policies"
POLICY = "/policies/{policy}"

ROWS: tuple[Row, ...] = (
    Row("GET", "/policies", every.show, READ),
    Row("GET", "/policies/new", create.show, READ),
    Row("POST", "/policies/new", create.make, "create:access_policies"),
    Row("GET", POLICY, settings.show, READ),
    Row("POST", POLICY, settings.save, "update:access_policies"),
    Row("GET", f"{POLICY}/delete", delete.question, READ),
    Row("POST", f"{POLICY}/delete", delete.delete, "delete:access_policies", recent=True),
)
