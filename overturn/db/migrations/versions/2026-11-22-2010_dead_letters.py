"""dead letters: what became of each, and its history"""

import json
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0018_dead_letters"
down_revision = "0016_editions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dead_letter", sa.Column("state", sa.String(), nullable=False, server_default="waiting"))
    op.add_column("dead_letter", sa.Column("tries", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("dead_letter", sa.Column("event_id", sa.Uuid(), nullable=True))
    op.add_column("dead_letter", sa.Column("resent_digest", sa.String(), nullable=True))
    op.alter_column("dead_letter", "state", server_default=None)
    op.alter_column("dead_letter", "tries", server_default=None)
    op.create_index("ix_dead_letter_resent_digest", "dead_letter", ["resent_digest"])
    op.create_table(
        "dead_letter_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dead_letter_id", sa.Uuid(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("place", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dead_letter_id"], ["dead_letter.id"], name=op.f("fk_dead_letter_event_dead_letter_id")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_dead_letter_event_actor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letter_event")),
        sa.UniqueConstraint("place", name=op.f("uq_dead_letter_event_place")),
    )
    op.create_index("ix_dead_letter_event_dead_letter_id", "dead_letter_event", ["dead_letter_id"])
    op.execute(
        "INSERT INTO dead_letter_event (id, dead_letter_id, happened_at, what, place, reason) "
        "SELECT gen_random_uuid(), id, died_at, 'died', id, reason FROM dead_letter"
    )
    _remember_events()


def _remember_events() -> None:
    """The inbox entry each letter left when it died, known by its moment: a retry has to take it away."""
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT id, value FROM dead_letter")).all():
        try:
            event_id = UUID(json.loads(row.value)["event_id"])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
        connection.execute(
            sa.text(
                "UPDATE dead_letter d SET event_id = i.event_id FROM inbox i WHERE d.id = :id "
                "AND i.consumer = d.consumer AND i.event_id = :event_id "
                "AND abs(extract(epoch FROM i.handled_at - d.died_at)) < 5"
            ),
            {"id": row.id, "event_id": event_id},
        )


def downgrade() -> None:
    op.drop_table("dead_letter_event")
    op.drop_index("ix_dead_letter_resent_digest", "dead_letter")
    for column in ("resent_digest", "event_id", "tries", "state"):
        op.drop_column("dead_letter", column)
