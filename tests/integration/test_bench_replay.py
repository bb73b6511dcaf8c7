"""`overturn bench replay` makes its own record, of any size, and measures on it."""

from collections import Counter

import pytest
from sqlalchemy import create_engine, text

from overturn.bench import replay_record
from overturn.bench.replay import bench_replay

pytestmark = pytest.mark.postgres


def test_its_record_has_the_rows_of_a_month_as_often_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_record, "MONTH_CLAIMS", 100)
    with replay_record.replay_record(500) as url:
        engine = create_engine(url)
        with engine.connect() as connection:
            rows = {
                table: connection.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - our own names
                for table in replay_record.COPIED
            }
            alone = connection.scalar(
                text(
                    "SELECT count(*) FROM service_line l"
                    " LEFT JOIN claim_payment p ON p.id = l.claim_payment_id"
                    " LEFT JOIN claim c ON c.id = p.claim_id WHERE c.id IS NULL"
                )
            )
            alike = connection.scalar(
                text(
                    "SELECT max(n) FROM (SELECT count(*) AS n FROM claim"
                    " GROUP BY member_identifier, patient_name, service_from, charge_amount) AS visits"
                )
            )
            told = connection.scalar(
                text("SELECT count(*) FROM claim_acknowledgement k JOIN claim c ON c.id = k.claim_id")
            )
        engine.dispose()
    assert 500 <= rows["claim_payment"] < 700
    assert alone == 0
    assert alike is not None
    assert alike < 4  # a visit billed twice, and not every copy of it
    assert told == rows["claim_acknowledgement"] > 400
    assert Counter(rows)["submitted_claim"] >= 400


def test_it_tells_the_ratio_of_cpu_and_of_time_and_what_it_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_record, "MONTH_CLAIMS", 100)
    outcome = bench_replay(100, 1)
    assert [figure.name.rpartition(", ")[2] for figure in outcome.figures] == [
        "per CPU second",
        "per second",
    ] * 2
    assert all(figure.ratio > 0 for figure in outcome.figures)
    assert "MB in the process" in outcome.notes[0]
