"""The committed rules, read once: the domain is tested with the tables it works with."""

import pytest

from overturn.domain.payers import PayerContext
from overturn.rulebook import Rulebook, load_rulebook


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return load_rulebook()


@pytest.fixture
def medicare() -> PayerContext:
    return PayerContext("medicare", "NOVITAS", "Medicare FFS")


@pytest.fixture
def commercial() -> PayerContext:
    return PayerContext("aetna", "AETNA", "Commercial")
