"""The look-up's full-text index: FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = {
    "sqlite": (
        "CREATE VIRTUAL TABLE lookup_search USING fts5"
        "(body, content='', tokenize=\"unicode61 remove_diacritics 0 tokenchars '-'\")",
    ),
    "postgresql": (
        "CREATE TABLE lookup_search (rowid bigint PRIMARY KEY, body tsvector NOT NULL)",
        "CREATE INDEX lookup_search_body ON lookup_search USING gin (body)",
    ),
}


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("DROP TABLE lookup_search")
