"""One generated month of sixty claims, written once and read by every test here."""

from pathlib import Path

import pytest

from overturn.synthetic.month import Month, make_month, write_month


@pytest.fixture(scope="session")
def month() -> Month:
    return make_month(claims=60, seed=7)


@pytest.fixture(scope="session")
def folder(month: Month, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("synthetic-month")
    list(write_month(month, directory))
    return directory
