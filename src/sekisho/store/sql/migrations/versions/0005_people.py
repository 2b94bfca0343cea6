"""Passwords and roles."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """New tables; people who are there have no password and no role."""
    for table in ("password", "role"):
        op.create_table(
            table,
            sa.Column("tenant", TEXT, primary_key=True),
            sa.Column("id", TEXT, primary_key=True),
            sa.Column("version", sa.BigInteger, nullable=False),
            sa.Column("created_at", sa.Double, nullable=False),
            sa.Column("updated_at", sa.Double, nullable=False),
            sa.Column("doc", sa.Text, nullable=False),
        )
