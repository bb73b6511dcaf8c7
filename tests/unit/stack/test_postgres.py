"""Where PostgreSQL's data lies when root starts it for a user who may not pass everywhere."""

from pathlib import Path

from overturn.stack import postgres
from overturn.stack.part import Account

STRANGER = Account(uid=65533, gid=65533)


def test_a_folder_that_only_its_owner_enters_is_out_of_reach(tmp_path: Path) -> None:
    closed = tmp_path / "closed" / "home"
    closed.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    assert not postgres.reachable(closed, STRANGER)


def test_a_folder_that_everybody_may_pass_is_in_reach() -> None:
    assert postgres.reachable(Path("/usr/bin"), STRANGER)


def test_the_data_lies_in_the_home_where_that_is_possible() -> None:
    assert postgres.choose_folder(Path("/usr/.overturn"), STRANGER) == Path("/usr/.overturn/postgres")


def test_the_data_lies_outside_a_closed_home_always_at_the_same_place(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    chosen = postgres.choose_folder(tmp_path, STRANGER)
    assert chosen.parent == postgres.SHARED_FOLDER
    assert postgres.choose_folder(tmp_path, STRANGER) == chosen
    assert postgres.choose_folder(tmp_path / "other", STRANGER) != chosen


def test_data_that_is_there_already_stays_where_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    (tmp_path / "postgres" / "data" / "PG_VERSION").write_text("18\n")
    assert postgres.choose_folder(tmp_path, STRANGER) == tmp_path / "postgres"


def test_the_wheel_brings_the_programs() -> None:
    assert (postgres.packaged_binaries() / "initdb").exists()
