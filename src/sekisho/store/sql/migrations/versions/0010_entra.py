"""Who has which role of an API, and other issuers whose assertions are believed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """New tables."""
    for table, columns in (("role_assignment", ("principal", "api")), ("trusted_issuer", ())):
        op.create_table(
            table,
            sa.Column("tenant", TEXT, primary_key=True),
            sa.Column("id", TEXT, primary_key=True),
            sa.Column("version", sa.BigInteger, nullable=False),
            sa.Column("created_at", sa.Double, nullable=False),
            sa.Column("updated_at", sa.Double, nullable=False),
            sa.Column("doc", sa.Text, nullable=False),
            *(sa.Column(column, TEXT) for column in columns),
        )
    for column in ("principal", "api"):
        op.create_index(f"role_assignment_{column}", "role_assignment", ["tenant", column, "id"])
