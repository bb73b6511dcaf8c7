"""The search attributes of a case, in one list. They are stored in clear: codes and dates only.

A workflow sets them on itself (`upsert`) and never on a child: the SDK encrypts those of a child, and the
server then refuses the start (temporalio/sdk-python#1129). Work lists come from Postgres, never from here.
"""

from collections.abc import Container, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final, cast

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

PAYER_KEY: Final = SearchAttributeKey.for_keyword("OverturnPayerKey")
CATEGORY: Final = SearchAttributeKey.for_keyword("OverturnCategory")
QUEUE: Final = SearchAttributeKey.for_keyword("OverturnQueue")
DUE_ON: Final = SearchAttributeKey.for_datetime("OverturnDueOn")

SEARCH_ATTRIBUTES: Final[tuple[SearchAttributeKey[Any], ...]] = (PAYER_KEY, CATEGORY, QUEUE, DUE_ON)


def case_attributes(
    *, payer_key: str | None, category: str, queue: str, due_on: date | None
) -> Sequence[SearchAttributeUpdate[Any]]:
    """What one case is found by; what is not known is left out."""
    updates: list[SearchAttributeUpdate[Any]] = [CATEGORY.value_set(category), QUEUE.value_set(queue)]
    if payer_key:
        updates.append(PAYER_KEY.value_set(payer_key))
    if due_on:
        updates.append(DUE_ON.value_set(datetime.combine(due_on, time(), tzinfo=UTC)))
    return updates


def add_request(namespace: str, *, known: Container[str] = ()) -> AddSearchAttributesRequest:
    """The request that makes a namespace know those of the list that are not `known`."""
    wanted = {
        key.name: cast("IndexedValueType.ValueType", int(key.indexed_value_type))
        for key in SEARCH_ATTRIBUTES
        if key.name not in known
    }
    return AddSearchAttributesRequest(namespace=namespace, search_attributes=wanted)


async def register_search_attributes(client: Client) -> None:
    """Make the client's namespace know the list; what it knows already is left alone."""
    operator = client.operator_service
    known = await operator.list_search_attributes(ListSearchAttributesRequest(namespace=client.namespace))
    request = add_request(client.namespace, known=known.custom_attributes)
    if request.search_attributes:
        await operator.add_search_attributes(request)
