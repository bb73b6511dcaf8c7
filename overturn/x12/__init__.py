"""X12 bytes in (835, 837P, 277CA, 999), typed claims, payments and findings out; never an exception."""

from overturn.x12.file import TransactionStream, X12File, read_file, read_transactions
from overturn.x12.findings import Finding, Severity
from overturn.x12.stream import (
    Content,
    Part,
    RemittanceEnd,
    RemittanceStart,
    RemittanceStream,
    Transaction,
    read_remittances,
)

__all__ = [
    "Content",
    "Finding",
    "Part",
    "RemittanceEnd",
    "RemittanceStart",
    "RemittanceStream",
    "Severity",
    "Transaction",
    "TransactionStream",
    "X12File",
    "read_file",
    "read_remittances",
    "read_transactions",
]
