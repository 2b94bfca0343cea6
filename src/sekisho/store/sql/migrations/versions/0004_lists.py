"""Indexes for lists and figures."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# Most events name no user: they cost this index nothing.
NAMED = sa.text("user_id IS NOT NULL")


def upgrade() -> None:
    """More indexes; nothing that is there changes."""
    # Lists leave out the clients of registered applications unless told otherwise.
    for column in ("app_type", "is_first_party"):
        op.create_index(f"client_own_{column}", "client", ["tenant", "application", column, "id"])
    op.create_index(
        "audit_people",
        "audit",
        ["tenant", "slug", "id", "user_id"],
        postgresql_where=NAMED,
        sqlite_where=NAMED,
    )
