"""Registered applications: releases of software whose installations register themselves. The room's table."""

from sekisho.pages.dashboard.rooms.registered_applications import (
    download,
    every,
    installations,
    life,
    prune,
    settings,
    statements,
)
from sekisho.pages.dashboard.row import Row

ROOM = "/registered-applications"
ONE = f"{ROOM}/{{application}}"
READ, CREATE = "read:registered_applications", "create:registered_applications"
UPDATE, DELETE = "update:registered_applications", "delete:registered_applications"
STATEMENTS, STATEMENT = f"{ONE}/statements", f"{ONE}/statements/{{jti}}/revoke"
INSTALLATIONS, INSTALLATION = f"{ONE}/installations", f"{ONE}/installations/{{client_id}}/delete"

ROWS: tuple[Row, ...] = (
    Row("GET", ROOM, every.show, READ),
    Row("GET", f"{ROOM}/new", settings.begin, READ),
    Row("POST", f"{ROOM}/new", settings.make, CREATE),
    Row("GET", ONE, settings.show, READ),
    Row("POST", ONE, settings.save, UPDATE),
    Row("GET", f"{ONE}/publish", life.before_publishing, READ),
    Row("POST", f"{ONE}/publish", life.publish, UPDATE),
    Row("GET", f"{ONE}/revoke", life.before_revoking, READ),
    Row("POST", f"{ONE}/revoke", life.revoke, DELETE, recent=True),
    Row("GET", STATEMENTS, statements.show, "read:software_statements"),
    Row("GET", f"{STATEMENTS}/download", download.question, "read:software_statements"),
    Row("POST", f"{STATEMENTS}/download", download.give, "create:software_statements", recent=True),
    Row("GET", STATEMENT, statements.question, "read:software_statements"),
    Row("POST", STATEMENT, statements.revoke, "delete:software_statements", recent=True),
    Row("GET", INSTALLATIONS, installations.show, "read:clients"),
    Row("GET", f"{INSTALLATIONS}/prune", prune.question, "read:clients"),
    Row("POST", f"{INSTALLATIONS}/prune", prune.prune, "delete:clients", recent=True),
    Row("GET", INSTALLATION, installations.question, "read:clients"),
    Row("POST", INSTALLATION, installations.delete, "delete:clients", recent=True),
)
