"""What an id is made of, and that ids of one remittance are neighbours."""

from uuid import RFC_4122, UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from overturn.domain.identifiers import NAMESPACE, Places, claim_payment_id, deterministic_id

REMITTANCE = uuid5(NAMESPACE, "a remittance")
places = st.tuples(st.integers(0, 50_000_000), st.integers(0, 20_000))


def test_the_same_parts_have_the_same_id_and_others_another() -> None:
    assert deterministic_id("case", "a", 1) == deterministic_id("case", "a", 1)
    assert deterministic_id("case", "a", 1) != deterministic_id("case", "a", 2)
    assert deterministic_id("case", "a", None) != deterministic_id("case", "a")


@given(places, places)
def test_ids_of_places_stand_in_the_order_of_the_places(one: tuple[int, int], other: tuple[int, int]) -> None:
    at = Places(REMITTANCE).at
    assert (UUID(at(*one)) < UUID(at(*other))) == (one < other)


@given(st.uuids(version=5), st.uuids(version=5), places)
def test_the_same_place_of_another_remittance_has_another_id(
    one: UUID, other: UUID, place: tuple[int, int]
) -> None:
    assert (Places(one).at(*place) == Places(other).at(*place)) == (one.hex[:16] == other.hex[:16])


@given(st.uuids(version=5), places)
def test_a_place_has_a_well_formed_uuid_of_version_eight(remittance: UUID, place: tuple[int, int]) -> None:
    made = UUID(Places(remittance).at(*place))
    assert made.variant == RFC_4122
    assert made.version == 8  # RFC 9562 section 5.8
    assert made.hex == Places(remittance).at(*place)


def test_a_claim_payment_is_its_remittance_and_position() -> None:
    assert claim_payment_id(REMITTANCE, 1) == UUID(Places(REMITTANCE).at(1))
    assert claim_payment_id(REMITTANCE, 1) != claim_payment_id(REMITTANCE, 2)
