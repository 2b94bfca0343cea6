"""Registered applications, their statements and clients, and when clients were last used."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """New tables; a client that is there belongs to no application."""
    for table, columns in (("registered_application", ()), ("software_statement", ("application",))):
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
    op.create_index("software_statement_application", "software_statement", ["tenant", "application", "id"])
    op.add_column("client", sa.Column("application", TEXT, server_default=""))
    op.create_index("client_application", "client", ["tenant", "application", "id"])
    op.create_table(
        "client_use",
        sa.Column("tenant", TEXT, primary_key=True),
        sa.Column("client_id", TEXT, primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_index("client_use_at", "client_use", ["at"])
