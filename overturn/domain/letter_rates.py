"""How often letters got a decision overturned, with how sure that is, and which version did best."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from overturn.domain.recovery_odds import beta_interval, round_share

ENOUGH: Final = 20
"""Known outcomes a version needs before it is spoken of: our judgement."""
JEFFREYS: Final = 0.5
"""Half a win and half a loss before any is seen: Jeffreys' prior of a share, so that 0 of 3 is not 0 %."""


@dataclass(frozen=True, slots=True)
class SentLetters:
    """Letters that are alike and whose outcome is known. `edition` None: the shipped words."""

    letter: str
    version: str
    edition: str | None
    payer: str
    cause: str
    ended: int
    won: int

    @property
    def words(self) -> str:
        """Whose words it has, as the page Letters shows them."""
        return self.edition[:8] if self.edition else f"as shipped ({self.version[:8]})"


@dataclass(frozen=True, slots=True)
class OverturnRate:
    """Decisions overturned of decisions known; `low` to `high` is the 95 % interval. Shares from 0 to 1."""

    name: str
    ended: int
    won: int
    share: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The version of a letter that did best, and the one after it. `clear` where their intervals are apart;
    otherwise the difference may be chance."""

    letter: str
    best: OverturnRate
    other: OverturnRate

    @property
    def clear(self) -> bool:
        return self.best.low > self.other.high


def overturn_rate(name: str, *, ended: int, won: int) -> OverturnRate:
    """The rate of at least one known outcome. Raises ValueError for none, and for more wins than outcomes."""
    if not 0 <= won <= ended or not ended:
        raise ValueError(f"{won} of {ended} is no rate")
    cases = ended + 2 * JEFFREYS
    low, high = beta_interval((won + JEFFREYS) / cases, cases)
    share = round_share(won / ended)
    # Where all or none were won the normal law would leave out what was seen.
    return OverturnRate(name, ended, won, share, min(round_share(low), share), max(round_share(high), share))


def rates_by(
    record: Iterable[SentLetters], name_of: Callable[[SentLetters], str]
) -> tuple[OverturnRate, ...]:
    """The rate of each group, the one with the most outcomes first."""
    ended: Counter[str] = Counter()
    won: Counter[str] = Counter()
    for letters in record:
        ended[name_of(letters)] += letters.ended
        won[name_of(letters)] += letters.won
    found = [overturn_rate(name, ended=ended[name], won=won[name]) for name in ended if ended[name]]
    return tuple(sorted(found, key=lambda rate: (-rate.ended, rate.name)))


def suggestions(record: Sequence[SentLetters]) -> tuple[Suggestion, ...]:
    """For each letter with two versions of ENOUGH known outcomes, the better one; ties suggest nothing."""
    found = []
    for letter in sorted({letters.letter for letters in record}):
        versions = rates_by([one for one in record if one.letter == letter], lambda one: one.words)
        ranked = sorted(
            (rate for rate in versions if rate.ended >= ENOUGH), key=lambda rate: rate.share, reverse=True
        )
        if len(ranked) > 1 and ranked[0].share > ranked[1].share:
            found.append(Suggestion(letter, ranked[0], ranked[1]))
    return tuple(found)
