"""Claim rules: what tokens say besides, tried out before it is kept. The table of the room."""

from sekisho.pages.dashboard.rooms.claim_rules import create, delete, every, settings, trial
from sekisho.pages.dashboard.row import Row

READ, CREATE, UPDATE = "read:claim_rules", "create:claim_rules", "update:claim_rules"
RULE = "/claim-rules/{rule}"

# What is tried out from a form needs the right to that form; nothing comes of it.
ROWS: tuple[Row, ...] = (
    Row("GET", "/claim-rules", every.show, READ),
    Row("GET", "/claim-rules/new", create.show, READ),
    Row("POST", "/claim-rules/new", create.make, CREATE),
    Row("GET", "/claim-rules/new/try", create.show, READ),
    Row("POST", "/claim-rules/new/try", trial.of_draft, CREATE),
    Row("GET", RULE, settings.show, READ),
    Row("POST", RULE, settings.save, UPDATE),
    Row("GET", f"{RULE}/try", trial.of_rule, READ),
    Row("POST", f"{RULE}/try", trial.of_change, UPDATE),
    Row("GET", f"{RULE}/delete", delete.question, READ),
    Row("POST", f"{RULE}/delete", delete.delete, "delete:claim_rules", recent=True),
)
