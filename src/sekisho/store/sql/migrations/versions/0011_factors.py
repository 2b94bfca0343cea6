"""Second factors of people, and policies of conditional access."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """New tables."""
    for table, columns in (("factor", ("user_guid",)), ("access_policy", ())):
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
    op.create_index("factor_user_guid", "factor", ["tenant", "user_guid", "id"])
