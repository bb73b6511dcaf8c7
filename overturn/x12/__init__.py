"""X12 bytes in (835, 837P, 277CA, 999), typed claims, payments and findings out; never an exception."""

from overturn.x12.file import Content, Transaction, TransactionStream, X12File, read_file, read_transactions
from overturn.x12.findings import Finding, Severity

__all__ = [
    "Content",
    "Finding",
    "Severity",
    "Transaction",
    "TransactionStream",
    "X12File",
    "read_file",
    "read_transactions",
]
