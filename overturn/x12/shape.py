"""The contract shape of `overturn inspect --json`: plain dictionaries, amounts and dates as strings."""

from overturn.domain.remittance import Remittance
from overturn.x12.file import X12File
from overturn.x12.findings import Finding
from overturn.x12.plain_values import Shape, money
from overturn.x12.remittance_shape import remittance_shape
from overturn.x12.stream import Transaction
from overturn.x12.submission_shape import claim_or_answer

__all__ = ["Shape", "file_shape", "money", "transaction_shape"]


def file_shape(file: X12File, *, name: str, sha256: str) -> Shape:
    """One file. `errors` holds every finding, whatever its severity, in file order."""
    return {
        "file": name,
        "sha256": sha256,
        "interchanges": file.interchanges,
        "postable": file.postable,
        "transactions": [transaction_shape(transaction) for transaction in file.transactions],
        "errors": [_finding(finding) for finding in file.all_findings],
    }


def transaction_shape(transaction: Transaction) -> Shape:
    """One ST to SE: the same outer keys for every type, `claims` with the type's own fields."""
    outer: Shape = {
        "type": transaction.type,
        "control_number": transaction.control_number,
        "version": transaction.version,
        "segment_index": transaction.segment_index,
        "postable": transaction.postable,
    }
    content = transaction.content
    if isinstance(content, Remittance):
        payment_unknown = any(finding.code == "missing-payment" for finding in transaction.findings)
        return outer | remittance_shape(content, payment_unknown=payment_unknown)
    return outer | {"claims": [claim_or_answer(item) for item in content or []]}


def _finding(finding: Finding) -> Shape:
    return {
        "segment_index": finding.segment_index,
        "segment": finding.segment,
        "element": finding.element,
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
    }
