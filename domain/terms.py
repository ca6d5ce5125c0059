"""Terms of use by version, and when a change of them counts as accepted (MB-19).

The documents of a portal are tables of its policy; what members accepted is `datasources.terms`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

from domain.calendar import shift_months
from domain.policy_tables import Between, Shaped, WrongValue
from domain.profile_form import Label, repeated
from domain.slots import TOKYO, date_at


class TermsChange(StrEnum):
    """How a member who was told of a change accepts it without saying so."""

    AFTER_NOTICE = "AFTER_NOTICE"
    "By not withdrawing for some months."
    BY_USE = "BY_USE"
    "By using the portal after the start."


class Acceptance(StrEnum):
    """How terms were accepted."""

    EXPLICIT = "EXPLICIT"
    AFTER_NOTICE = "AFTER_NOTICE"
    BY_USE = "BY_USE"


@dataclass(frozen=True, slots=True)
class TermsVersion:
    """One version; it is in force from the beginning of a date in Tokyo until the next one starts."""

    version: Annotated[str, Shaped("[0-9A-Za-z][0-9A-Za-z.-]{0,19}", "a name like 2026-04")]
    starts_on: date
    text: Label

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.starts_on, time(), TOKYO)


@dataclass(frozen=True, slots=True)
class TermsDocument:
    """A document that everybody accepts who registers, with its versions, the oldest first."""

    key: Annotated[str, Shaped("[a-z][A-Za-z0-9]{0,39}", "a name like membership")]
    label: Label
    change: TermsChange
    versions: tuple[TermsVersion, ...]
    notice_months: Annotated[int, Between(1, 12)] | None = None
    "Of AFTER_NOTICE."

    def current(self, now: datetime) -> TermsVersion | None:
        """The version in force; None before the first one starts."""
        begun = [version for version in self.versions if version.starts_at <= now]
        return begun[-1] if begun else None

    def coming(self, now: datetime) -> Sequence[TermsVersion]:
        """Versions that start later, the next one first."""
        return [version for version in self.versions if version.starts_at > now]

    def acceptable(self, now: datetime) -> Sequence[TermsVersion]:
        """The version in force and those to come."""
        current = self.current(now)
        return [*([current] if current else []), *self.coming(now)]

    def deemed_from(self, version: TermsVersion, notified_at: datetime) -> datetime:
        """From when a change counts as accepted by who was told then.

        AFTER_NOTICE: by time alone, with the end of the day that many calendar months later, as the
        Civil Code counts (articles 140 and 143). BY_USE: by use from then on.
        """
        if self.notice_months is None:
            return max(version.starts_at, notified_at)
        told_on = date_at(notified_at)
        ends_on = shift_months(told_on, self.notice_months)
        return datetime.combine(ends_on + timedelta(days=1), time(), TOKYO)

    def contradictions(self) -> Iterator[WrongValue]:
        if not self.versions:
            yield WrongValue(("versions",), "expected one or more, found none")
        yield from repeated("versions", [each.version for each in self.versions])
        for place, (before, after) in enumerate(
            zip(self.versions, self.versions[1:], strict=False), 1
        ):
            if after.starts_on <= before.starts_on:
                yield WrongValue(
                    ("versions", place, "starts_on"),
                    f"expected a date after {before.starts_on}, found {after.starts_on}",
                )
        if (self.change is TermsChange.AFTER_NOTICE) != (self.notice_months is not None):
            yield WrongValue(("notice_months",), "expected with change AFTER_NOTICE and no other")


@dataclass(frozen=True, slots=True)
class TermsRecord:
    """What is known of a member and a version."""

    document: str
    version: str
    notified_at: datetime | None = None
    deemed_from: datetime | None = None
    "From when time or use counts as acceptance; None once accepted, and of who has withdrawn."
    accepted_at: datetime | None = None
    acceptance: Acceptance | None = None


@dataclass(frozen=True, slots=True)
class MemberTerms:
    """A version as it concerns a member."""

    document: TermsDocument
    version: TermsVersion
    record: TermsRecord


def terms_of(
    documents: Sequence[TermsDocument], records: Sequence[TermsRecord], now: datetime
) -> list[MemberTerms]:
    """What a member accepted, and what waits for that: versions in force and to come, in order."""
    known = {(record.document, record.version): record for record in records}
    found: list[MemberTerms] = []
    for document in documents:
        acceptable = document.acceptable(now)
        for version in document.versions:
            record = known.get((document.key, version.version))
            record = record or TermsRecord(document.key, version.version)
            record = _settled(document, record, now)
            if version in acceptable or record.accepted_at is not None:
                found.append(MemberTerms(document, version, record))
    return found


def _settled(document: TermsDocument, record: TermsRecord, now: datetime) -> TermsRecord:
    """A record as it is by time, which may not be written down yet."""
    at = record.deemed_from
    if document.change is TermsChange.BY_USE or at is None or at > now:
        return record
    return replace(record, deemed_from=None, accepted_at=at, acceptance=Acceptance.AFTER_NOTICE)
