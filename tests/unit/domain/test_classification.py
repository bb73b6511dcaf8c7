"""Denials out of claim payments: which rule speaks, what binds it, and where every dollar goes."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overturn.domain.classification import Denial, classify
from overturn.domain.codes import Action, Answer, Category
from overturn.domain.payers import PayerContext
from overturn.domain.remittance import ClaimPayment, ServiceLine
from overturn.rulebook import Rulebook, load_rulebook
from tests.unit.domain.claim_payments import claim_payment, service_line, submitted_claim


def only_denial(
    rulebook: Rulebook, payer: PayerContext, line: ServiceLine, claim_rarcs: tuple[str, ...] = ()
) -> Denial:
    (denial,) = classify(claim_payment(line, rarcs=claim_rarcs), table=rulebook.denials, payer=payer).denials
    return denial


def has_no_denial(rulebook: Rulebook, payer: PayerContext, claim: ClaimPayment) -> bool:
    return not classify(claim, table=rulebook.denials, payer=payer).denials


# --- the five kinds of the mission ------------------------------------------------------------------------


def test_requested_records_are_a_documentation_denial(rulebook: Rulebook, medicare: PayerContext) -> None:
    denial = only_denial(rulebook, medicare, service_line("CO-252 100.00", rarcs=["N706"]))
    assert (denial.category, denial.cause, denial.action) == (
        Category.DOCUMENTATION,
        "documentation_missing",
        Action.SEND_RECORDS,
    )


@pytest.mark.parametrize(
    "line",
    [
        service_line("PR-119 100.00"),
        service_line("CO-119 100.00"),
        service_line("PR-119 100.00", modifiers=()),
        service_line("PR-119 100.00", procedure="G0283", modifiers=("GO",)),
        service_line("PR-119 100.00", rarcs=["N362"]),
    ],
)
def test_medicare_119_on_a_therapy_line_is_a_missing_kx(
    rulebook: Rulebook, medicare: PayerContext, line: ServiceLine
) -> None:
    denial = only_denial(rulebook, medicare, line)
    assert (denial.category, denial.cause, denial.action) == (
        Category.MODIFIER_KX,
        "missing_kx",
        Action.REOPENING,
    )
    assert denial.guardrail
    assert "do not bill the patient before the KX reopening is tried" in denial.guardrail


def test_119_on_the_whole_medicare_claim_looks_at_the_modifiers_of_its_lines(
    rulebook: Rulebook, medicare: PayerContext
) -> None:
    claim = claim_payment(service_line(), adjustments=["PR-119 100.00"])
    (denial,) = classify(claim, table=rulebook.denials, payer=medicare).denials
    assert (denial.line, denial.cause) == (None, "missing_kx")


def test_119_with_kx_on_the_line_is_appealed(rulebook: Rulebook, medicare: PayerContext) -> None:
    denial = only_denial(rulebook, medicare, service_line("PR-119 100.00", modifiers=("GP", "KX")))
    assert (denial.cause, denial.action) == ("kx_not_accepted", Action.APPEAL)


def test_119_off_therapy_or_off_medicare_is_a_used_up_benefit(
    rulebook: Rulebook, medicare: PayerContext, commercial: PayerContext
) -> None:
    other_service = service_line("PR-119 100.00", procedure="99213", modifiers=())
    for payer, line in ((medicare, other_service), (commercial, service_line("PR-119 100.00"))):
        denial = only_denial(rulebook, payer, line)
        assert (denial.category, denial.cause) == (Category.ELIGIBILITY_COVERAGE, "benefit_used_up")


def test_a_missing_modifier_is_the_discipline_or_else_kx(rulebook: Rulebook, medicare: PayerContext) -> None:
    bare = service_line("CO-16 100.00", rarcs=["N822"], modifiers=())
    with_discipline = service_line("CO-16 100.00", rarcs=["N822"])
    assert only_denial(rulebook, medicare, bare).cause == "missing_therapy_modifier"
    assert only_denial(rulebook, medicare, with_discipline).cause == "missing_kx"


@pytest.mark.parametrize(
    ("codes", "rarcs", "action"),
    [
        ("CO-16", ["N290"], Action.NEW_CLAIM),
        ("CO-96", ["N198"], Action.ENROL_THEN_RESUBMIT),
        ("PR-96", ["N198"], Action.ENROL_THEN_RESUBMIT),
        ("CO-B7", [], Action.ENROL_THEN_RESUBMIT),
        ("CO-185", [], Action.ENROL_THEN_RESUBMIT),
        ("CO-208", ["N516"], Action.CORRECTED_CLAIM),
    ],
)
def test_provider_denials_are_credentialing(
    rulebook: Rulebook, commercial: PayerContext, codes: str, rarcs: list[str], action: Action
) -> None:
    denial = only_denial(rulebook, commercial, service_line(f"{codes} 100.00", rarcs=rarcs))
    assert (denial.category, denial.action) == (Category.CREDENTIALING_NPI, action)


@pytest.mark.parametrize(("codes", "rarcs"), [("CO-236", []), ("CO-B15", ["M80"]), ("CO-97", ["M80"])])
def test_all_three_spellings_of_an_ncci_denial_are_one_cause(
    rulebook: Rulebook, medicare: PayerContext, codes: str, rarcs: list[str]
) -> None:
    denial = only_denial(rulebook, medicare, service_line(f"{codes} 100.00", rarcs=rarcs))
    assert (denial.category, denial.cause) == (Category.BUNDLING, "ncci_pair")


# --- what is no denial ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "adjustments",
    [
        ("PR-1 40.00", "CO-45 60.00"),
        ("PR-2 20.00", "CO-45 30.00", "CO-253 1.00"),
        ("CO-45 100.00",),
        ("OA-23 80.00",),
        ("CO-59 12.00", "CO-45 20.00"),
        ("CO-237 2.00",),
        ("CO-104 5.00", "CO-144 1.00", "CO-44 2.00"),
        ("CR-18 100.00",),
    ],
)
def test_adjustments_that_nobody_refused_are_no_denial(
    rulebook: Rulebook, medicare: PayerContext, adjustments: tuple[str, ...]
) -> None:
    assert has_no_denial(rulebook, medicare, claim_payment(service_line(*adjustments)))


def test_the_assistant_reduction_is_known_by_its_remark(rulebook: Rulebook, medicare: PayerContext) -> None:
    line = service_line("CO-96 15.00", rarcs=["N851"])
    assert has_no_denial(rulebook, medicare, claim_payment(line))


def test_a_reversal_alone_is_no_denial_but_its_dollars_are_split(
    rulebook: Rulebook, medicare: PayerContext
) -> None:
    claim = claim_payment(service_line("CO-50 -100.00"), status="22")
    decision = classify(claim, table=rulebook.denials, payer=medicare)
    assert decision.denials == ()
    assert decision.denied_amount == Decimal("-100.00")


# --- which row speaks -------------------------------------------------------------------------------------


def test_alert_remarks_never_set_the_category(rulebook: Rulebook, medicare: PayerContext) -> None:
    plain = only_denial(rulebook, medicare, service_line("CO-50 100.00"))
    alerted = only_denial(rulebook, medicare, service_line("CO-50 100.00", rarcs=["MA01", "N22", "M39"]))
    assert alerted.rule == plain.rule
    assert alerted.category is Category.MEDICAL_NECESSITY


def test_an_umbrella_code_is_decided_by_its_remark_under_any_umbrella(
    rulebook: Rulebook, commercial: PayerContext
) -> None:
    for umbrella in ("16", "96", "A1", "226", "252"):
        denial = only_denial(rulebook, commercial, service_line(f"CO-{umbrella} 100.00", rarcs=["N290"]))
        assert denial.category is Category.CREDENTIALING_NPI, umbrella


def test_an_umbrella_code_without_remark_asks_the_payer(rulebook: Rulebook, commercial: PayerContext) -> None:
    denial = only_denial(rulebook, commercial, service_line("CO-16 100.00"))
    assert (denial.category, denial.action) == (Category.OTHER, Action.CALL_PAYER)


def test_ma130_speaks_only_when_no_other_remark_explains(rulebook: Rulebook, medicare: PayerContext) -> None:
    alone = only_denial(rulebook, medicare, service_line("CO-16 100.00"), ("MA130",))
    explained = only_denial(rulebook, medicare, service_line("CO-16 100.00", rarcs=["MA130"]), ("N290",))
    assert (alone.cause, alone.action) == ("unprocessable", Action.NEW_CLAIM)
    assert explained.category is Category.CREDENTIALING_NPI


def test_a_line_s_own_remark_goes_before_the_claim_s(rulebook: Rulebook, medicare: PayerContext) -> None:
    denial = only_denial(rulebook, medicare, service_line("CO-16 100.00", rarcs=["M51"]), ("N382",))
    assert denial.cause == "procedure_code_invalid"


def test_the_payer_s_row_goes_before_the_general_one(
    rulebook: Rulebook, medicare: PayerContext, commercial: PayerContext
) -> None:
    line = service_line("CO-236 100.00")
    assert only_denial(rulebook, medicare, line).action is Action.REOPENING
    assert only_denial(rulebook, commercial, line).action is Action.CORRECTED_CLAIM


def test_a_remark_goes_before_the_payer(rulebook: Rulebook, medicare: PayerContext) -> None:
    denial = only_denial(rulebook, medicare, service_line("CO-97 100.00", rarcs=["N390"]))
    assert denial.rule.id == "co-97-n390"


def test_the_group_decides_between_patient_and_provider(rulebook: Rulebook, commercial: PayerContext) -> None:
    assert only_denial(rulebook, commercial, service_line("PR-27 100.00")).action is Action.BILL_PATIENT
    assert only_denial(rulebook, commercial, service_line("PI-27 100.00")).action is Action.CALL_PAYER


@pytest.mark.parametrize("group", ["CO", "OA", "PI"])
def test_an_unknown_reason_still_counts_as_denied_and_shows_the_bare_code(
    rulebook: Rulebook, commercial: PayerContext, group: str
) -> None:
    denial = only_denial(rulebook, commercial, service_line(f"{group}-999 100.00", rarcs=["N999"]))
    assert (denial.category, denial.cause, denial.action) == (
        Category.OTHER,
        "unknown_code",
        Action.CALL_PAYER,
    )
    assert f"{group}-999; N999." in denial.explanation


def test_an_unknown_reason_under_pr_is_the_patient_s(rulebook: Rulebook, commercial: PayerContext) -> None:
    decision = classify(
        claim_payment(service_line("PR-999 100.00")), table=rulebook.denials, payer=commercial
    )
    assert (decision.denials, decision.patient_amount) == ((), Decimal("100.00"))


def test_an_unknown_remark_on_an_umbrella_code_is_said_to_be_unknown(
    rulebook: Rulebook, commercial: PayerContext
) -> None:
    denial = only_denial(rulebook, commercial, service_line("CO-16 100.00", rarcs=["N999"]))
    assert (denial.cause, denial.action) == ("unknown_code", Action.CALL_PAYER)


# --- guardrails -------------------------------------------------------------------------------------------


def test_ma130_bars_the_appeal_whatever_sets_the_category(rulebook: Rulebook, medicare: PayerContext) -> None:
    denial = only_denial(rulebook, medicare, service_line("CO-16 100.00", rarcs=["M53"]), ("MA130",))
    assert (denial.cause, denial.action, denial.appealable) == (
        "units_invalid",
        Action.NEW_CLAIM,
        Answer.NO,
    )
    assert denial.guardrail
    assert "MA130" in denial.guardrail


def test_late_filing_has_no_appeal_under_medicare_only(
    rulebook: Rulebook, medicare: PayerContext, commercial: PayerContext
) -> None:
    line = service_line("CO-29 100.00", rarcs=["N211"])
    late = only_denial(rulebook, medicare, line)
    assert (late.appealable, late.action) == (Answer.NO, Action.WRITE_OFF)
    assert late.guardrail
    assert only_denial(rulebook, commercial, service_line("CO-29 100.00")).appealable is Answer.MAYBE


def test_an_absolute_unit_limit_cannot_be_appealed_but_others_can(
    rulebook: Rulebook, medicare: PayerContext
) -> None:
    evaluation = only_denial(rulebook, medicare, service_line("CO-151 100.00", procedure="97161"))
    exercise = only_denial(rulebook, medicare, service_line("CO-151 100.00", procedure="97110"))
    assert (evaluation.appealable, evaluation.action) == (Answer.NO, Action.CORRECTED_CLAIM)
    assert (exercise.appealable, exercise.action) == (Answer.YES, Action.APPEAL)


def test_an_exact_duplicate_offers_no_appeal_and_says_why(
    rulebook: Rulebook, commercial: PayerContext
) -> None:
    denial = only_denial(rulebook, commercial, service_line("OA-18 100.00"))
    assert (denial.appealable, denial.action) == (Answer.NO, Action.NONE)
    assert denial.guardrail


def test_only_group_pr_goes_to_the_patient(rulebook: Rulebook, commercial: PayerContext) -> None:
    denial = only_denial(rulebook, commercial, service_line("CO-204 100.00"))
    stray = only_denial(rulebook, commercial, service_line("CO-35 100.00"))
    assert denial.action is not Action.BILL_PATIENT
    assert stray.action is Action.CALL_PAYER
    assert stray.guardrail == "only amounts in group PR may go to the patient"


# --- silent denials ---------------------------------------------------------------------------------------


def test_a_downcoded_evaluation_is_a_silent_denial_of_the_non_contractual_cut(
    rulebook: Rulebook, commercial: PayerContext
) -> None:
    line = service_line("CO-45 20.00", "CO-150 30.00", procedure="97161", billed="97163")
    denial = only_denial(rulebook, commercial, line)
    assert (denial.category, denial.cause) == (Category.CODING, "downcoded_evaluation")
    assert denial.denied_amount == Decimal("30.00")
    assert ("SVC", 6, "97163") in [(e.segment, e.element, e.value) for e in denial.evidence]


def test_a_downcoding_inside_the_write_off_is_caught_with_no_invented_dollars(
    rulebook: Rulebook, commercial: PayerContext
) -> None:
    denial = only_denial(rulebook, commercial, service_line("CO-45 40.00", procedure="97110", billed="97530"))
    assert (denial.cause, denial.denied_amount) == ("downcoded_service", Decimal("0.00"))


def test_another_procedure_with_nothing_left_unpaid_is_no_denial(
    rulebook: Rulebook, commercial: PayerContext
) -> None:
    line = service_line("PR-3 25.00", procedure="97161", billed="97163")
    assert has_no_denial(rulebook, commercial, claim_payment(line))


def test_a_line_refused_outright_keeps_its_own_reason(rulebook: Rulebook, commercial: PayerContext) -> None:
    line = service_line("CO-197 100.00", procedure="97161", billed="97163")
    assert only_denial(rulebook, commercial, line).category is Category.AUTHORIZATION


def test_our_own_claim_proves_a_downcoding_the_remittance_hides(
    rulebook: Rulebook, commercial: PayerContext
) -> None:
    line = service_line("CO-45 40.00", procedure="97161")
    claim = claim_payment(line)
    sent = submitted_claim("97163", "GP")
    (denial,) = classify(claim, table=rulebook.denials, payer=commercial, submitted=sent).denials
    assert denial.cause == "downcoded_evaluation"
    assert "97163 billed, 97161 paid" in denial.explanation
    assert denial.proven
    places = [(p.document, p.segment_index, p.segment, p.value) for p in denial.proven.places]
    assert places == [("837P", 30, "SV1", "97163"), ("835", line.segment_index, "SVC", "97161")]


# --- dollars, evidence, words -----------------------------------------------------------------------------


def test_a_line_denied_for_two_reasons_is_one_denial_by_the_greater(
    rulebook: Rulebook, commercial: PayerContext
) -> None:
    denial = only_denial(rulebook, commercial, service_line("CO-197 30.00", "CO-50 70.00"))
    assert (denial.category, denial.denied_amount) == (Category.MEDICAL_NECESSITY, Decimal("100.00"))


def test_evidence_points_at_segment_and_element_of_every_code(
    rulebook: Rulebook, medicare: PayerContext
) -> None:
    denial = only_denial(rulebook, medicare, service_line("CO-16 100.00", rarcs=["N290"]), ("MA130", "MA01"))
    places = [(e.segment_index, e.segment, e.element, e.value) for e in denial.evidence]
    assert places == [
        (21, "CAS", 1, "CO"),
        (21, "CAS", 2, "16"),
        (21, "CAS", 3, "100.00"),
        (22, "LQ", 2, "N290"),
        (11, "MOA", 2, "MA130"),
    ]


def test_the_explanation_names_line_amount_cause_codes_and_next_step(
    rulebook: Rulebook, commercial: PayerContext
) -> None:
    denial = only_denial(rulebook, commercial, service_line("CO-197 100.00"))
    assert denial.explanation.startswith("Line 1 (97110), $100.00: there is no authorization.")
    assert "CO-197 (No authorization/notification)" in denial.explanation
    assert "Next: Appeal (no authorization: retro-auth if allowed" in denial.explanation


def test_advice_a_guardrail_overrules_is_not_repeated(rulebook: Rulebook, medicare: PayerContext) -> None:
    denial = only_denial(rulebook, medicare, service_line("CO-151 100.00", procedure="97161"))
    assert "Next: Correct the claim and resubmit it." in denial.explanation


CODES = st.sampled_from(
    [
        "CO-45",
        "PR-1",
        "PR-2",
        "CO-50",
        "CO-16",
        "OA-23",
        "PI-97",
        "OA-18",
        "CO-253",
        "PR-999",
        "CO-999",
        "XX-50",
    ]
)
CENTS = st.integers(-5_000, 5_000).map(lambda cents: Decimal(cents) / 100)
ADJUSTMENTS = st.lists(st.tuples(CODES, CENTS).map(lambda pair: f"{pair[0]} {pair[1]:.2f}"), max_size=5)
LINES = st.builds(
    lambda adjustments, rarcs, billed: service_line(*adjustments, rarcs=rarcs, billed=billed),
    ADJUSTMENTS,
    st.lists(st.sampled_from(["N290", "MA130", "MA01", "N999", "N851", "N822"]), max_size=3),
    st.sampled_from([None, "97110", "97530"]),
)
RULEBOOK = load_rulebook()


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(LINES, max_size=4),
    whole=ADJUSTMENTS,
    status=st.sampled_from(["1", "4", "22"]),
    business=st.sampled_from(["Medicare FFS", "Commercial", None]),
)
def test_every_adjusted_dollar_is_in_exactly_one_bucket(
    lines: list[ServiceLine], whole: list[str], status: str, business: str | None
) -> None:
    claim = claim_payment(*lines, adjustments=whole, status=status)
    payer = PayerContext(None, None, business)
    decision = classify(claim, table=RULEBOOK.denials, payer=payer)
    assert decision.adjusted_amount == claim.adjusted_amount
    assert all(denial.denied_amount >= 0 for denial in decision.denials)
    if all(a.amount >= 0 for a in claim.all_adjustments()) and not claim.is_reversal:
        assert sum((d.denied_amount for d in decision.denials), Decimal(0)) == decision.denied_amount
