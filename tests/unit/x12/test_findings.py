from overturn.x12.findings import MAX_FINDINGS, FindingList, Severity, place, quoted


def test_a_place_reads_as_billers_say_it() -> None:
    assert place("CLP", 3, 17, "claim PCN1") == "CLP03 of claim PCN1 (segment 17)"
    assert place("BPR", 16, 4) == "BPR16 (segment 4)"


def test_values_are_shown_short_and_printable() -> None:
    assert quoted("a\x1b[31m\nb") == r"'a\x1b[31m\nb'"
    assert quoted("x" * 100) == "'" + "x" * 40 + "…'"


def test_the_list_stops_growing_and_says_so_as_a_fatal_finding() -> None:
    findings = FindingList()
    for _ in range(MAX_FINDINGS):
        findings.add("unknown-segment", Severity.VALUE, "one more")
    assert not findings.fatal

    for _ in range(3):
        findings.add("unknown-segment", Severity.VALUE, "one more")

    assert len(findings) == MAX_FINDINGS + 1
    assert findings[-1].code == "too-many-findings"
    assert findings.fatal
