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


@pytest.fixture(scope="session")
def adversarial() -> Month:
    return make_month(claims=60, seed=7, adversarial=True)


@pytest.fixture(scope="session")
def adversarial_folder(adversarial: Month, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("adversarial-month")
    list(write_month(adversarial, directory))
    return directory


@pytest.fixture(scope="session", params=[(1500, 11, False), (60, 7, True)], ids=["plain", "adversarial"])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Month, Path]:
    """Enough claims that every denial reason occurs; and a month with every odd shape."""
    claims, seed, odd = request.param
    directory = tmp_path_factory.mktemp("large-month")
    month = make_month(claims=claims, seed=seed, adversarial=odd)
    list(write_month(month, directory))
    return month, directory
