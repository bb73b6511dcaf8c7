"""All tables of a rules folder, checked against each other, under one version."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from overturn.domain.answer_times import AnswerTimes
from overturn.domain.authorizations import RetroactiveAuthorization
from overturn.domain.causes.tables import Enrolment
from overturn.domain.checklist import RequiredDocument
from overturn.domain.citations import Citation
from overturn.domain.codes import ProviderAdjustmentCode
from overturn.domain.contracts import ContractPrice
from overturn.domain.credentialing import GapSigns, RetroactiveRule
from overturn.domain.deadlines import FilingWindows
from overturn.domain.payers import PayerDirectory
from overturn.domain.priority import PriorityTable
from overturn.domain.rejections import RejectionLabels
from overturn.domain.routing import RoutingTable
from overturn.domain.rule_table import DenialTable
from overturn.paths import RULES
from overturn.rulebook.answer_times import load_answer_times
from overturn.rulebook.appeals import Limits, load_channel_limits, load_required_documents
from overturn.rulebook.citations import load_citations
from overturn.rulebook.credentialing import load_gap_signs, load_retroactive_rules
from overturn.rulebook.denials import Names, load_denial_table
from overturn.rulebook.payers import load_filing_windows, load_payers
from overturn.rulebook.practice import (
    load_contracts,
    load_enrolments,
    load_retroactive_authorizations,
)
from overturn.rulebook.rejections import load_rejection_labels
from overturn.rulebook.work import load_priorities, load_provider_adjustments, load_routing

VERSION_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything decisions rest on. `version` is the short form of `content_hash` (SHA-256 of all tables)."""

    version: str
    content_hash: str
    denials: DenialTable
    payers: PayerDirectory
    filing_windows: FilingWindows
    answer_times: AnswerTimes
    routing: RoutingTable
    priorities: PriorityTable
    provider_adjustments: dict[str, ProviderAdjustmentCode]
    rejections: RejectionLabels
    citations: dict[str, Citation]
    required_documents: tuple[RequiredDocument, ...]
    channel_limits: Limits
    contracts: tuple[ContractPrice, ...]
    enrolments: tuple[Enrolment, ...]
    retroactive_authorizations: tuple[RetroactiveAuthorization, ...]
    gap_signs: GapSigns
    retroactive_enrolment: tuple[RetroactiveRule, ...]


def load_rulebook(directory: Path = RULES) -> Rulebook:
    """Read every table of a rules folder. Raises RulebookError with all that is wrong in a table."""
    content_hash = hash_tables(directory)
    version = content_hash[:VERSION_LENGTH]
    payers = load_payers(directory)
    routing = load_routing(directory, {payer.key for payer in payers.payers})
    steps = {action: template.title for action, template in routing.templates.items()}
    denials = load_denial_table(directory, version, steps, _names(payers, routing))
    return Rulebook(
        version=version,
        content_hash=content_hash,
        denials=denials,
        payers=payers,
        filing_windows=load_filing_windows(directory, version, payers),
        answer_times=load_answer_times(directory, payers),
        routing=routing,
        priorities=load_priorities(directory),
        provider_adjustments=load_provider_adjustments(directory),
        rejections=load_rejection_labels(directory),
        citations=load_citations(directory),
        required_documents=load_required_documents(directory, {payer.key for payer in payers.payers}),
        channel_limits=load_channel_limits(directory, {payer.key for payer in payers.payers}),
        contracts=load_contracts(directory, payers),
        enrolments=load_enrolments(directory, payers),
        retroactive_authorizations=load_retroactive_authorizations(directory, payers),
        gap_signs=load_gap_signs(directory, set(denials.causes)),
        retroactive_enrolment=load_retroactive_rules(directory, {payer.key for payer in payers.payers}),
    )


def _names(payers: PayerDirectory, routing: RoutingTable) -> Names:
    businesses = {payer.line_of_business for payer in payers.payers}
    businesses |= {sign.line_of_business for sign in payers.indicators.values()}
    return Names(
        payers=frozenset(payer.key for payer in payers.payers),
        lines_of_business=frozenset(businesses),
        queues=frozenset(route.queue.key for route in routing.routes),
    )


def list_tables(directory: Path) -> list[Path]:
    """Every table of a folder and its packs, in the order of their names."""
    return sorted(directory.rglob("*.csv"), key=lambda path: path.relative_to(directory).as_posix())


def hash_tables(directory: Path) -> str:
    """SHA-256 over names and bytes of all tables: the same tables have the same version everywhere."""
    digest = hashlib.sha256()
    for path in list_tables(directory):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(directory).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()
