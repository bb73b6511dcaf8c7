"""The list that Temporal is told, and what of it a case sets."""

from datetime import UTC, date, datetime

from temporalio.api.enums.v1 import IndexedValueType

from overturn.temporal.search_attributes import SEARCH_ATTRIBUTES, add_request, case_attributes


def test_a_case_sets_what_is_known() -> None:
    updates = case_attributes(
        payer_key="medicare", category="coding", queue="coding", due_on=date(2026, 3, 4)
    )
    assert {update.key.name: update.value for update in updates} == {
        "OverturnPayerKey": "medicare",
        "OverturnCategory": "coding",
        "OverturnQueue": "coding",
        "OverturnDueOn": datetime(2026, 3, 4, tzinfo=UTC),
    }


def test_a_case_leaves_out_what_is_unknown() -> None:
    updates = case_attributes(payer_key=None, category="other", queue="payer_calls", due_on=None)
    assert {update.key.name for update in updates} == {"OverturnCategory", "OverturnQueue"}


def test_every_attribute_of_the_list_is_set_by_a_case() -> None:
    updates = case_attributes(payer_key="a", category="b", queue="c", due_on=date(2026, 1, 1))
    assert {update.key for update in updates} == set(SEARCH_ATTRIBUTES)


def test_only_missing_attributes_are_added() -> None:
    request = add_request("practice", known={"OverturnQueue", "OverturnCategory", "OverturnPayerKey"})
    assert request.namespace == "practice"
    assert dict(request.search_attributes) == {"OverturnDueOn": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME}
