"""Which bill takes the place of which: corrections, re-billing, and the company's own bill (BI-1).

A bill whose figures change gets a new revision, and the one before is kept. Of one reading period the
company's own bill wins over one that was made here, also when their numbers differ.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from domain.bills import Bill, BillSource


@dataclass(frozen=True, slots=True)
class Superseded:
    """A bill that is an earlier revision now, and the id of the bill that has taken its place."""

    bill: Bill
    by: str


@dataclass(slots=True)
class Succession:
    """What given bills change: bills as they are to be kept, by id, and those they replace."""

    stored: dict[str, Bill] = field(default_factory=dict)
    news: dict[str, Bill] = field(default_factory=dict)
    "The stored ones that are new, or whose figures have changed."
    superseded: list[Superseded] = field(default_factory=list)

    def put(self, kept: Bill, before: Sequence[Bill]) -> None:
        """Let a bill take the place of others."""
        changed = [old for old in before if not _same_figures(old, kept)]
        news = bool(changed) or not before or kept.id in self.news
        for old in changed:
            self.stored.pop(old.id, None)
            self.news.pop(old.id, None)
            earlier = [replace(each, by=kept.id) for each in self.superseded if each.by == old.id]
            others = [each for each in self.superseded if each.by != old.id]
            self.superseded = [*others, *earlier, Superseded(old, kept.id)]
        self.stored[kept.id] = kept
        if news:
            self.news[kept.id] = kept


def succession(known: Iterable[Bill], given: Iterable[Bill]) -> Succession:
    """What bills that are given in this order change for those that are known.

    `known` must hold all that are stored of the given ids, and of the facilities and first days of the
    given bills.
    """
    current = _Current(known)
    found = Succession()
    for new in given:
        before = current.before(new)
        if any(_stands(old, new) for old in before):
            continue
        kept = _carried_over(before, new)
        found.put(kept, before)
        current.put(kept, before)
    return found


class _Current:
    """Bills by id and by period, so that many of them are looked through once only."""

    def __init__(self, bills: Iterable[Bill]) -> None:
        self._by_id: dict[str, Bill] = {}
        self._by_period: dict[tuple[object, ...], dict[str, Bill]] = {}
        for bill in bills:
            self.put(bill, ())

    def before(self, new: Bill) -> list[Bill]:
        """Bills that another one would take the place of."""
        found = dict(self._by_period.get(_period(new), {}))
        if (same := self._by_id.get(new.id)) is not None:
            found[same.id] = same
        return [old for old in found.values() if _precedes(old, new)]

    def put(self, kept: Bill, before: Iterable[Bill]) -> None:
        """Let a bill take the place of others."""
        for old in before:
            del self._by_id[old.id]
            del self._by_period[_period(old)][old.id]
        self._by_id[kept.id] = kept
        self._by_period.setdefault(_period(kept), {})[kept.id] = kept


def _precedes(old: Bill, new: Bill) -> bool:
    """Whether both are of one number, or one of them was made here for the period of the other."""
    made = BillSource.MADE in (old.source, new.source)
    return old.id == new.id or (made and _period(old) == _period(new))


def _period(bill: Bill) -> tuple[object, ...]:
    return bill.facility, bill.kind, bill.start_on


def _stands(old: Bill, new: Bill) -> bool:
    """Whether a bill stays though another one was made here: the company's, or one just like it."""
    if new.source is BillSource.IMPORTED:
        return False
    return old.source is BillSource.IMPORTED or (old.owner == new.owner and _same_figures(old, new))


def _carried_over(before: Sequence[Bill], new: Bill) -> Bill:
    """A bill with what is known of those before it: the invoice that it is in, and what was paid."""
    kept = new
    for old in before:
        if old.owner != new.owner:
            continue
        if old.invoice is not None and kept.invoice is None:
            kept = replace(kept, invoice=old.invoice, available_on=old.available_on)
        if new.source is BillSource.MADE or old.payment.recorded_at is not None:
            kept = replace(kept, payment=replace(old.payment, due_on=new.payment.due_on))
    changed = any(not _same_figures(old, kept) for old in before)
    last = max((old.revision for old in before), default=0)
    return replace(kept, revision=last + changed)


def _same_figures(old: Bill, new: Bill) -> bool:
    """Whether nothing that is billed differs; whose it is and how it is paid may."""
    return _figures(old) == _figures(new)


def _figures(bill: Bill) -> tuple[object, ...]:
    return (
        *(bill.id, bill.source, bill.kind, bill.start_on, bill.end_on),
        *(bill.usage, bill.estimated, bill.amount_yen, bill.lines, bill.tax_percent),
    )
