"""Which payer wrote a remittance: from names, identifiers and the claim filing indicator to a payer key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MEDICARE_FFS = "Medicare FFS"


@dataclass(frozen=True, slots=True)
class PayerContext:
    """What the rules need to know about a payer. `key` is None when no payer of ours fits the name."""

    key: str | None
    name: str | None
    line_of_business: str | None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer we have rules for; aliases are whole words within its name, identifiers are exact."""

    key: str
    name: str
    line_of_business: str
    state: str | None
    aliases: tuple[str, ...]
    identifiers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilingIndicator:
    """A claim filing indicator (CLP06, SBR09) with the line of business it stands for."""

    code: str
    line_of_business: str
    payer_key: str | None  # given where the indicator alone names the payer


@dataclass(frozen=True, slots=True)
class PayerDirectory:
    """All payers with rules, and the filing indicators by code."""

    payers: tuple[Payer, ...]
    indicators: Mapping[str, FilingIndicator]
    _by_key: Mapping[str, Payer] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {payer.key: payer for payer in self.payers})

    def resolve(
        self, *, name: str | None, identifier: str | None = None, filing_indicator: str | None = None
    ) -> PayerContext:
        """The payer behind a remittance (N1*PR name, its identifier, CLP06).

        An indicator that names the payer by itself (MB: Medicare Part B) wins over the name, since a
        Medicare contractor pays under its own name. An unknown payer gets no key, and so no deadline.
        """
        indicator = self.indicators.get(filing_indicator or "")
        if indicator and indicator.payer_key:
            payer = self._by_key.get(indicator.payer_key)
        else:
            payer = self.find(name, identifier)
        if indicator and payer and MEDICARE_FFS in {payer.line_of_business, indicator.line_of_business}:
            # A name like MEDICARE SUPPLEMENT is not Medicare when the indicator says another business.
            payer = payer if payer.line_of_business == indicator.line_of_business else None
        own_business = payer.line_of_business if payer else None
        business = indicator.line_of_business if indicator else own_business
        return PayerContext(
            key=payer.key if payer else None,
            name=name,
            line_of_business=business,
            state=payer.state if payer else None,
        )

    @property
    def names(self) -> dict[str, str]:
        """What people call each payer, by key, in the order of the names."""
        by_name = sorted(self.payers, key=lambda payer: payer.name.casefold())
        return {payer.key: payer.name for payer in by_name}

    def find(self, name: str | None, identifier: str | None = None) -> Payer | None:
        """The payer with this identifier, key or name; of several whose aliases fit, the first listed."""
        for payer in self.payers:
            if identifier and identifier in payer.identifiers:
                return payer
        if name and name in self._by_key:
            return self._by_key[name]
        wanted = f" {_plain(name or '')} "
        return next((p for p in self.payers if any(f" {_plain(a)} " in wanted for a in p.aliases)), None)


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[A-Z0-9]+", name.upper()))
