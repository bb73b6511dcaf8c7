"""files in pieces, with how far each is posted"""

import sqlalchemy as sa
from alembic import op

revision = "0005_files_in_pieces"
down_revision = "0004_rejections"
branch_labels = None
depends_on = None

# What posting counted, for the files of before: their claims are counted once here, and not at every look.
COUNT_CLAIMS = """
    UPDATE received_file f
       SET bytes_checked = size_bytes,
           claims = (SELECT count(*) FROM claim_payment p JOIN remittance r ON r.id = p.remittance_id
                      WHERE r.file_sha256 = f.sha256)
                  + (SELECT count(*) FROM submitted_claim s WHERE s.file_sha256 = f.sha256)
                  + (SELECT count(*) FROM claim_acknowledgement a WHERE a.file_sha256 = f.sha256)
"""

CUT = """
    INSERT INTO received_piece (file_sha256, number, content)
    SELECT sha256, n, substr(content, n * 1048576 + 1, 1048576)
      FROM received_file, generate_series(0, (length(content) - 1) / 1048576) AS n
     WHERE length(content) > 0
"""

JOIN = """
    UPDATE received_file f
       SET content = coalesce(
           (SELECT string_agg(p.content, ''::bytea ORDER BY p.number)
              FROM received_piece p WHERE p.file_sha256 = f.sha256), ''::bytea)
"""


def upgrade() -> None:
    op.create_table(
        "received_piece",
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_sha256"],
            ["received_file.sha256"],
            name=op.f("fk_received_piece_file_sha256_received_file"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("file_sha256", "number", name=op.f("pk_received_piece")),
    )
    op.execute(CUT)
    op.drop_column("received_file", "content")
    op.alter_column("received_file", "size_bytes", type_=sa.BigInteger())
    for name, kind in (
        ("bytes_checked", sa.BigInteger()),
        ("parts_posted", sa.Integer()),
        ("claims", sa.Integer()),
    ):
        op.add_column("received_file", sa.Column(name, kind, nullable=False, server_default="0"))
        op.alter_column("received_file", name, server_default=None)
    op.add_column("received_file", sa.Column("parts", sa.Integer(), nullable=True))
    op.add_column("received_file", sa.Column("outline", sa.String(), nullable=True))
    op.execute(COUNT_CLAIMS)


def downgrade() -> None:
    for name in ("outline", "parts", "claims", "parts_posted", "bytes_checked"):
        op.drop_column("received_file", name)
    op.add_column("received_file", sa.Column("content", sa.LargeBinary(), nullable=True))
    op.execute(JOIN)
    op.alter_column("received_file", "content", nullable=False)
    op.alter_column("received_file", "size_bytes", type_=sa.Integer())
    op.drop_table("received_piece")
