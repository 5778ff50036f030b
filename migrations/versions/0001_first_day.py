"""The first day: organisations, notices, subjects, decisions, ledger, and the wall."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


WALLED = (
    "api_key",
    "audit_entry",
    "catalogue_revision",
    "crossed_hash",
    "decision",
    "floor",
    "idempotency",
    "identifier",
    "ledger_record",
    "link",
    "notice",
    "notice_draft",
    "notice_version",
    "organisation_key",
    "organisation_revision",
    "site",
    "site_tally",
    "standing",
    "subject",
    "subject_fact",
    "suppression",
    "unsubscribe_link",
)


def raise_the_wall() -> None:
    """Let each organisation's rows be seen only by it, even by a statement that forgot.

    After a local setting ends, current_setting gives '', so nullif: no organisation, no row.
    """
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        told = "nullif(current_setting('consent.organisation', true), '')"
        mine = f"organisation_id = {told}::bigint"
        op.execute(f"CREATE POLICY wall ON {table} USING ({mine}) WITH CHECK ({mine})")
    role = context.config.attributes.get("app_role")
    if role and re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        # Tables of later migrations, too, are for the server's role to use.
        use = "SELECT, INSERT, UPDATE, DELETE ON TABLES"
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {use} TO {role}")
        op.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
        )


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "api_key",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "key_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_entry",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "audit_entry_order",
        "audit_entry",
        ["organisation_id", "recorded_at", "id"],
        unique=False,
    )
    op.create_table(
        "catalogue_revision",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "crossed_hash",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("identifier_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "hash", "identifier_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decision",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("identifier_id", sa.BigInteger(), nullable=False),
        sa.Column("through", sa.JSON(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("assertion", sa.Text(), nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("notice_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("surface", sa.Text(), nullable=True),
        sa.Column("previous_id", sa.BigInteger(), nullable=True),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "decision_client", "decision", ["organisation_id", "site_id", "client_id"], unique=True
    )
    op.create_index(
        "decision_subject",
        "decision",
        ["organisation_id", "subject_id", "recorded_at"],
        unique=False,
    )
    op.create_table(
        "floor",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "notice_id", "purpose_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idempotency",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "key_hash"),
        sqlite_with_rowid=False,
    )
    op.create_index("idempotency_age", "idempotency", ["recorded_at"], unique=False)
    op.create_table(
        "identifier",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("shared", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "identifier_alone",
        "identifier",
        ["organisation_id", "kind", "hash"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL AND shared = 0"),
        postgresql_where=sa.text("closed_at IS NULL AND shared = 0"),
    )
    op.create_index("identifier_hash", "identifier", ["organisation_id", "hash"], unique=False)
    op.create_index(
        "identifier_subject", "identifier", ["organisation_id", "subject_id"], unique=False
    )
    op.create_table(
        "key_directory",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_checkpoint",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("log", "size"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_entry",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("minute", sa.BigInteger(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("announced", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log", "place"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ledger_entry_record", "ledger_entry", ["organisation_id", "record_id"], unique=True
    )
    op.create_index(
        "ledger_entry_seq", "ledger_entry", ["organisation_id", "first_seq"], unique=False
    )
    op.create_table(
        "ledger_feed",
        sa.Column("organisation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("next_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_head",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_pending",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("minute", sa.BigInteger(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("announced", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "record_id"),
    )
    op.create_index(
        "ledger_pending_order", "ledger_pending", ["log", "recorded_at"], unique=False
    )
    op.create_table(
        "ledger_record",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("announcements", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
    )
    op.create_table(
        "ledger_tile",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log", "level", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "link",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("first_subject_id", sa.BigInteger(), nullable=False),
        sa.Column("second_subject_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "link_directory",
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("link_hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notice",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sa.UniqueConstraint("organisation_id", "slug"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notice_draft",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "notice_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notice_version",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("judgement", sa.Text(), nullable=False),
        sa.Column("because", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sa.UniqueConstraint("organisation_id", "notice_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "organisation_directory",
        sa.Column("organisation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id"),
        sa.UniqueConstraint("slug"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "organisation_key",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "kind", "version"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "organisation_revision",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "site",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "site_directory",
        sa.Column("site_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "site_tally",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "site_id", "day", "what"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "standing",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose_id", sa.BigInteger(), nullable=False),
        sa.Column("identifier_id", sa.BigInteger(), nullable=False),
        sa.Column("yes_id", sa.BigInteger(), nullable=True),
        sa.Column("yes_given_at", sa.BigInteger(), nullable=True),
        sa.Column("yes_recorded_at", sa.BigInteger(), nullable=True),
        sa.Column("yes_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("yes_notice_id", sa.BigInteger(), nullable=True),
        sa.Column("yes_number", sa.BigInteger(), nullable=True),
        sa.Column("yes_version_id", sa.BigInteger(), nullable=True),
        sa.Column("yes_assertion", sa.Text(), nullable=True),
        sa.Column("yes_enough", sa.BigInteger(), nullable=True),
        sa.Column("yes_names", sa.JSON(), nullable=True),
        sa.Column("no_id", sa.BigInteger(), nullable=True),
        sa.Column("no_recorded_at", sa.BigInteger(), nullable=True),
        sa.Column("no_state", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "subject_id", "purpose_id", "identifier_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subject",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index("subject_person", "subject", ["organisation_id", "person_id"], unique=False)
    op.create_table(
        "subject_fact",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("informed_at", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "subject_fact_subject",
        "subject_fact",
        ["organisation_id", "subject_id", "recorded_at"],
        unique=False,
    )
    op.create_table(
        "suppression",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_version", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("lifted", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "suppression_hash", "suppression", ["organisation_id", "hash"], unique=False
    )
    op.create_table(
        "unsubscribe_link",
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("identifier_id", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id"),
        sa.UniqueConstraint("organisation_id", "identifier_id", "scope"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "version_directory",
        sa.Column("version_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version_id"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        raise_the_wall()


def downgrade() -> None:
    """Go back."""
    op.drop_table("version_directory")
    op.drop_table("unsubscribe_link")
    op.drop_index("suppression_hash", table_name="suppression")
    op.drop_table("suppression")
    op.drop_index("subject_fact_subject", table_name="subject_fact")
    op.drop_table("subject_fact")
    op.drop_index("subject_person", table_name="subject")
    op.drop_table("subject")
    op.drop_table("standing")
    op.drop_table("site_tally")
    op.drop_table("site_directory")
    op.drop_table("site")
    op.drop_table("organisation_revision")
    op.drop_table("organisation_key")
    op.drop_table("organisation_directory")
    op.drop_table("notice_version")
    op.drop_table("notice_draft")
    op.drop_table("notice")
    op.drop_table("link_directory")
    op.drop_table("link")
    op.drop_table("ledger_tile")
    op.drop_table("ledger_record")
    op.drop_index("ledger_pending_order", table_name="ledger_pending")
    op.drop_table("ledger_pending")
    op.drop_table("ledger_head")
    op.drop_table("ledger_feed")
    op.drop_index("ledger_entry_seq", table_name="ledger_entry")
    op.drop_index("ledger_entry_record", table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_table("ledger_checkpoint")
    op.drop_table("key_directory")
    op.drop_index("identifier_subject", table_name="identifier")
    op.drop_index("identifier_hash", table_name="identifier")
    op.drop_index(
        "identifier_alone",
        table_name="identifier",
        sqlite_where=sa.text("closed_at IS NULL AND shared = 0"),
        postgresql_where=sa.text("closed_at IS NULL AND shared = 0"),
    )
    op.drop_table("identifier")
    op.drop_index("idempotency_age", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_table("floor")
    op.drop_index("decision_subject", table_name="decision")
    op.drop_index("decision_client", table_name="decision")
    op.drop_table("decision")
    op.drop_table("crossed_hash")
    op.drop_table("catalogue_revision")
    op.drop_index("audit_entry_order", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("api_key")
