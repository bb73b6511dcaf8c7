"""The committed rules with the bundled tables of 2024Q3, and two payers."""

import pytest

from overturn.reference.causes import with_cause_tables
from overturn.rulebook import Rulebook, load_rulebook


@pytest.fixture(scope="session")
def proving() -> Rulebook:
    return with_cause_tables(load_rulebook())
