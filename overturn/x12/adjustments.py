"""A CAS segment in, the adjustments it holds out."""

from collections.abc import Iterator

from overturn.domain.remittance import Adjustment
from overturn.x12.values import Values

_NO_TRIPLET = ("", "", "")


def read_adjustments(e: list[str], index: int, values: Values) -> Iterator[Adjustment]:
    """A group and up to six triplets of reason, amount and quantity; a line full of more is read as well."""
    elements = len(e)
    e.extend(_NO_TRIPLET)
    for number in range(2, elements, 3):
        reason, amount, quantity = e[number : number + 3]
        if reason or amount:
            yield Adjustment(
                e[1],
                reason,
                values.amounts[amount],
                values.quantities[quantity] if quantity else None,
                index,
                number,
            )
