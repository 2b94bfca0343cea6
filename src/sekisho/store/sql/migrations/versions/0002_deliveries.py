"""Deliveries: what has to reach somebody outside."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """One more table; nothing that is there changes."""
    op.create_table(
        "delivery",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("tenant", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("next_at", sa.Double, nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.Double, nullable=False),
        sa.Column("done_at", sa.Double),
        sa.Column("last_error", sa.Text, nullable=False),
    )
    for column, condition in (("next_at", "done_at IS NULL"), ("done_at", "done_at IS NOT NULL")):
        there = sa.text(condition)
        op.create_index(
            f"delivery_{column}", "delivery", [column], postgresql_where=there, sqlite_where=there
        )
