"""What became of the reading periods of a billing run."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from domain.facilities import ContractKind, ReadingPeriod

_SHOWN: Final = 5
"Examples of each reason."


class Outcome(StrEnum):
    """What a reading period is counted as when it has a bill."""

    MADE = "made"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    IMPORTED = "imported"
    "The company's own bill wins."


_OF_INVOICES: Final = (Outcome.MADE, Outcome.REVISED, Outcome.UNCHANGED)


@dataclass(slots=True)
class BillingReport:
    bills: Counter[Outcome] = field(default_factory=Counter)
    invoices: Counter[Outcome] = field(default_factory=Counter)
    not_closed: Counter[str] = field(default_factory=Counter)
    "By reason."
    waiting: int = 0
    "Groups of contracts that are not all billed, so that they have no invoice."
    _examples: dict[str, list[str]] = field(default_factory=dict)
    _awaited: list[str] = field(default_factory=list)

    def refuse(self, supply_point: str, period: ReadingPeriod, reason: str, message: str) -> None:
        """Count a period that has no bill now."""
        self.not_closed[reason] += 1
        examples = self._examples.setdefault(reason, [])
        if len(examples) < _SHOWN:
            span = f"{period.kind} {period.start_on}/{period.end_on}"
            examples.append(f"{supply_point} {span}: {message}")

    def wait(self, group: str, supply_point: str, kind: ContractKind) -> None:
        """Count a group that waits for the bill of a supply point, perhaps among others."""
        self.waiting += 1
        if len(self._awaited) < _SHOWN:
            self._awaited.append(f"{group} waits for {supply_point} {kind}")

    def lines(self) -> Iterator[str]:
        """For people: bills, invoices, and what could not be closed with examples."""
        yield "bills: " + _counts(self.bills, Outcome)
        if self.invoices or self.waiting:
            yield f"invoices: {_counts(self.invoices, _OF_INVOICES)}, {self.waiting:,} waiting"
            yield from _shown(self._awaited, self.waiting)
        for reason, count in sorted(self.not_closed.items()):
            yield f"not closed: {count:,} {reason}"
            yield from _shown(self._examples[reason], count)


def _shown(examples: Sequence[str], count: int) -> Iterator[str]:
    """Examples of so many."""
    yield from (f"  {example}" for example in examples)
    if count > len(examples):
        yield f"  and {count - len(examples):,} more"


def _counts(counts: Counter[Outcome], outcomes: Iterable[Outcome]) -> str:
    return ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in outcomes)
