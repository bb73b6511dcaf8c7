"""The 277CA (and 277) and the 999: what happened to our claims before anyone adjudicated them."""

from collections.abc import Callable, Iterator
from typing import Final

from overturn.domain.remittance import Party
from overturn.domain.submission import (
    ClaimAcknowledgement,
    ClaimStatus,
    FunctionalAcknowledgement,
    SegmentError,
)
from overturn.x12.envelope import TransactionSet
from overturn.x12.parties import named
from overturn.x12.remittance_details import read_counted
from overturn.x12.values import Values

_PADDING: Final = ("",) * 20
_STATUS_ELEMENTS: Final = (1, 10, 11)
_CLAIM_NUMBER: Final = "CLM01"  # of CTX01
_REFUSED: Final = frozenset({"R", "M", "W", "X"})  # IK501, AK901
_RECEIVER: Final = "21"  # HL03 of who sent the batch
_PATIENT_ROLES: Final = frozenset({"QC", "IL"})
_PAYER_ROLES: Final = frozenset({"PR", "AY", "ACV"})

_Handler = Callable[[list[str], int], None]


def read_claim_acknowledgements(transaction: TransactionSet, values: Values) -> list[ClaimAcknowledgement]:
    """Read one 277CA or 277: one acknowledgement for each TRN, or STC without TRN, in file order."""
    return _ClaimStatusReader(transaction, values).read()


def read_functional_acknowledgements(
    transaction: TransactionSet, _values: Values
) -> list[FunctionalAcknowledgement]:
    """Read one 999 or 997: one acknowledgement for each AK2, or for the group where there is no AK2."""
    return _FunctionalReader(transaction).read()


def _segments(transaction: TransactionSet) -> Iterator[tuple[int, list[str]]]:
    for index, segment in enumerate(transaction.segments, transaction.segment_index):
        yield index, [*segment.split(transaction.element), *_PADDING]


class _ClaimStatusReader:
    def __init__(self, transaction: TransactionSet, values: Values) -> None:
        self._transaction = transaction
        self._values = values
        self._found: list[ClaimAcknowledgement] = []
        self._current: ClaimAcknowledgement | None = None
        self._level: str | None = None
        self._patient: Party | None = None
        self._payer: Party | None = None
        self._procedure: str | None = None
        self._batch_reference: str | None = None
        self._provider: Party | None = None

    def read(self) -> list[ClaimAcknowledgement]:
        handlers: dict[str, _Handler] = {
            "HL": self._hierarchy,
            "NM1": self._party,
            "TRN": self._trace,
            "STC": self._status,
            "REF": self._reference,
            "SVC": self._service_line,
            "DTP": self._date,
            "QTY": self._count,
            "AMT": self._amount,
        }
        for index, elements in _segments(self._transaction):
            handler = handlers.get(elements[0])
            if handler is not None:
                handler(elements, index)
                if self._values.unread:
                    self._values.report(self._transaction.findings, elements, index)
        return [found for found in self._found if found.statuses or found.about_one_claim]

    def _hierarchy(self, e: list[str], _index: int) -> None:
        self._level, self._current, self._procedure = e[3], None, None
        if e[3] in {"20", "21", "19", "22"}:
            self._patient = None
        if e[3] in {"20", "21", "19"}:
            self._provider = None
        if e[3] in {"20", "21"}:
            self._batch_reference = None

    def _party(self, e: list[str], _index: int) -> None:
        party = named(e)
        if e[1] in _PATIENT_ROLES:
            self._patient = party
        elif e[1] == "85":
            self._provider = party
        elif e[1] in _PAYER_ROLES:
            self._payer = party

    def _trace(self, e: list[str], index: int) -> None:
        if self._level == _RECEIVER:
            self._batch_reference = e[2] or None
        self._open(index).trace_number = e[2] or None
        if self._current is not None and self._current.about_one_claim:
            self._current.patient_control_number = e[2] or None

    def _open(self, index: int) -> ClaimAcknowledgement:
        self._current = ClaimAcknowledgement(
            patient_control_number=None,
            payer_claim_control_number=None,
            clearinghouse_trace_number=None,
            service_from=None,
            service_to=None,
            statuses=[],
            segment_index=index,
            patient=self._patient,
            payer=self._payer,
            level=self._level,
            batch_reference=self._batch_reference,
            provider=self._provider,
        )
        self._procedure = None
        self._found.append(self._current)
        return self._current

    def _status(self, e: list[str], index: int) -> None:
        values, current = self._values, self._current or self._open(index)
        for number in _STATUS_ELEMENTS:
            if not e[number]:
                continue
            category, status, entity = [*e[number].split(self._transaction.component), "", ""][:3]
            current.statuses.append(
                ClaimStatus(
                    category=category,
                    status=status or None,
                    entity=entity or None,
                    effective_on=values.day(e[2]),
                    action=e[3] or None,
                    charge_amount=values.amounts[e[4]] if e[4] else None,
                    message=e[12] or None,
                    segment_index=index,
                    paid_amount=values.amounts[e[5]] if e[5] else None,
                    procedure=self._procedure,
                )
            )

    def _reference(self, e: list[str], _index: int) -> None:
        current, qualifier, value = self._current, e[1], e[2] or None
        if current is None:
            return
        if qualifier == "1K":
            current.payer_claim_control_number = value
        elif qualifier == "D9":
            current.clearinghouse_trace_number = value
        elif qualifier == "EJ":  # the 277 repeats our own number here; its TRN is the inquiry's
            current.patient_control_number = value
        elif qualifier == "FJ":
            for status in current.statuses:
                if status.procedure is not None and status.line_control_number is None:
                    status.line_control_number = value
        else:
            current.references.append((qualifier, e[2]))

    def _service_line(self, e: list[str], _index: int) -> None:
        parts = e[1].split(self._transaction.component)
        self._procedure = parts[1] if len(parts) > 1 else e[1]

    def _count(self, e: list[str], _index: int) -> None:
        if self._current is not None:
            self._current.quantities.append(read_counted(e, self._values))

    def _amount(self, e: list[str], _index: int) -> None:
        if self._current is not None:
            self._current.amounts.append((e[1], self._values.amounts[e[2]]))

    def _date(self, e: list[str], _index: int) -> None:
        if self._current is not None and self._procedure is None and e[1] == "472":
            self._current.service_from, self._current.service_to = self._values.periods[e[3]]


class _FunctionalReader:
    def __init__(self, transaction: TransactionSet) -> None:
        self._transaction = transaction
        self._found: list[FunctionalAcknowledgement] = []
        self._group: str | None = None

    def read(self) -> list[FunctionalAcknowledgement]:
        handlers: dict[str, _Handler] = {
            "AK1": self._group_answered,
            "AK2": self._set_answered,
            "IK3": self._segment_error,
            "AK3": self._segment_error,
            "IK4": self._element_error,
            "AK4": self._element_error,
            "CTX": self._context,
            "IK5": self._set_status,
            "AK5": self._set_status,
            "AK9": self._group_status,
        }
        for index, elements in _segments(self._transaction):
            handler = handlers.get(elements[0])
            if handler is not None:
                handler(elements, index)
        return self._found

    def _group_answered(self, e: list[str], _index: int) -> None:
        self._group = e[2] or None

    def _set_answered(self, e: list[str], index: int) -> None:
        self._found.append(FunctionalAcknowledgement(e[1], e[2], "", index, self._group))

    def _segment_error(self, e: list[str], index: int) -> None:
        if self._found:
            position = int(e[2]) if e[2].isascii() and e[2].isdigit() else None
            self._found[-1].errors.append(
                SegmentError(e[1], position, _codes(e[4:5]), [], index, e[3] or None)
            )

    def _context(self, e: list[str], _index: int) -> None:
        """CTX*CLM01:number names the claim (the business unit) of the segment in error; any other one says
        which of our segments made the one in error needed."""
        if not self._found or not self._found[-1].errors:
            return
        error = self._found[-1].errors[-1]
        name, _, value = e[1].partition(self._transaction.component)
        if name.strip() == _CLAIM_NUMBER:
            error.claim_number = value.strip() or None
        else:
            error.contexts.append(_codes(e[1:7]))

    def _element_error(self, e: list[str], _index: int) -> None:
        if self._found and self._found[-1].errors:
            self._found[-1].errors[-1].element_errors.append((e[1], e[3], e[4] or None))

    def _set_status(self, e: list[str], _index: int) -> None:
        if self._found:
            self._found[-1].status = e[1]
            self._found[-1].error_codes = _codes(e[2:7])

    def _group_status(self, e: list[str], index: int) -> None:
        """AK9 tells of the whole group where no set was answered, or where it refuses what a set's own
        answer took in."""
        refused = e[1] in _REFUSED and any(answer.status not in _REFUSED for answer in self._found)
        if refused or not self._found:
            whole_group = FunctionalAcknowledgement("", "", e[1], index, self._group)
            whole_group.error_codes = _codes(e[5:10])
            self._found.append(whole_group)


def _codes(elements: list[str]) -> tuple[str, ...]:
    return tuple(filter(None, elements))
