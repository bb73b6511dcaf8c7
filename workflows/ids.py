"""Workflow ids: the business's own identity, so that starting twice starts once. They are shown in clear."""

from uuid import UUID


def denial_case(case_id: UUID) -> str:
    return f"denial-case/{case_id}"


def appeal(case_id: UUID, level: int) -> str:
    return f"appeal/{case_id}/{level}"
