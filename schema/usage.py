"""Usage as clients see it: series by point or by column, comparison, profile."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import strawberry

from domain.downloads import DownloadFormat
from domain.readings import Direction
from domain.slots import start_of_slot
from domain.tariff.points import total_yen
from domain.usage import Resolution, coverage, peak, total_wh
from domain.usage_profile import ProfileBasis, ProfilePoint
from resolvers import downloads
from resolvers import usage as resolve
from resolvers.usage_files import usage_document
from schema.downloads import Download, download_type
from schema.info import Info
from schema.selections import mentions
from schema.usage_rows import UsageColumns, UsagePoint, point_columns, point_rows, usage_point

_CURSOR: Final = "cursor"
_YEN: Final = ("totalYen", "points.yen", "columns.yen", "peak.yen")
"These read more, so they are only known if one of them was asked for."

_WH_PER_KWH: Final = 1000


@strawberry.type(name="Span", description="A half-open span, [from, to).")
class SpanType:
    from_: datetime = strawberry.field(name="from")
    to: datetime


@strawberry.type(description="How many half hours of the series should have a value, and have one.")
class Coverage:
    expected: int
    present: int
    missing: list[SpanType]
    settled_until: datetime | None = strawberry.field(
        description="End of the last SETTLED half hour before the first PROVISIONAL one."
    )


@strawberry.type
class UsageSeries:
    answer: strawberry.Private[resolve.UsageAnswer]
    from_: datetime = strawberry.field(
        name="from", description="As asked, but not before the contract began."
    )
    to: datetime = strawberry.field(
        description="As asked, but not after the last half hour that has or should have a value."
    )
    resolution: Resolution
    direction: Direction

    @strawberry.field
    def total_kwh(self) -> float:
        return total_wh(self.answer.series) / _WH_PER_KWH

    @strawberry.field(
        description="Pass it to the readings subscription to go on from exactly here."
    )
    def cursor(self) -> str:
        if self.answer.cursor is None:
            raise LookupError("the cursor was not read")
        return self.answer.cursor

    @strawberry.field(description="Every slot of the span, in order; a MISSING one has null kwh.")
    def points(self) -> Sequence[UsagePoint]:
        return point_rows(self.answer)

    @strawberry.field(
        description="The same as columns of equal length: for charts, and about a third of the bytes."
    )
    def columns(self) -> UsageColumns:
        return point_columns(self.answer)

    @strawberry.field(
        description=(
            "What all half hours that have a yen value come to, the fraction dropped. Null if none has."
        )
    )
    def total_yen(self) -> int | None:
        sen = self.answer.slot_sen
        return None if sen is None else total_yen(sen)

    @strawberry.field(description="The point with the highest usage, the first of equals.")
    def peak(self) -> UsagePoint | None:
        index = peak(self.answer.points)
        return None if index is None else usage_point(self.answer, index)

    @strawberry.field
    def coverage(self) -> Coverage:
        found = coverage(self.answer.series)
        return Coverage(
            expected=found.expected,
            present=found.present,
            missing=[
                SpanType(from_=start_of_slot(first), to=start_of_slot(end))
                for first, end in found.missing
            ],
            settled_until=None if found.settled_end is None else start_of_slot(found.settled_end),
        )

    @strawberry.field(
        description="The half hours of the series as a file, whatever the resolution of the points."
    )
    async def download(self, info: Info, format: DownloadFormat) -> Download:  # noqa: A002 - the contract's name
        document = usage_document(self.answer)
        return download_type(await downloads.download(info.context, document, format))

    @strawberry.field(
        description="The same span earlier. Null where the portal's history does not reach back."
    )
    async def compared_with(self, info: Info, what: resolve.Comparison) -> "UsageSeries | None":
        answer = await resolve.compared(info.context, self.answer.question, what, wanted(info))
        return None if answer is None else series_type(answer)


@strawberry.type(
    description=(
        "Average use of one group: a half hour of day (0 to 47), a weekday (0 is Monday) or a kind "
        "of day (0 weekday, 1 Saturday, Sunday or public holiday)."
    )
)
class UsageProfilePoint:
    group: int
    average_kwh: float | None = strawberry.field(
        description="Of a half hour by HALF_HOUR_OF_DAY, else of a whole day; null without values."
    )
    half_hours: int = strawberry.field(description="How many half hours it is the average of.")


@strawberry.type
class UsageProfile:
    from_: datetime = strawberry.field(name="from")
    to: datetime
    by: ProfileBasis
    direction: Direction
    points: list[UsageProfilePoint]


def wanted(info: Info) -> resolve.Wanted:
    """What is selected of a UsageSeries that takes more to know."""
    return resolve.Wanted(mentions(info, _CURSOR), any(mentions(info, name) for name in _YEN))


def series_type(answer: resolve.UsageAnswer) -> UsageSeries:
    return UsageSeries(
        answer=answer,
        from_=start_of_slot(answer.series.first),
        to=start_of_slot(answer.series.end),
        resolution=answer.question.resolution,
        direction=answer.question.direction,
    )


def profile_type(
    question: resolve.UsageQuestion,
    by: ProfileBasis,
    first: int,
    end: int,
    points: Sequence[ProfilePoint],
) -> UsageProfile:
    return UsageProfile(
        from_=start_of_slot(first),
        to=start_of_slot(end),
        by=by,
        direction=question.direction,
        points=[
            UsageProfilePoint(
                group=point.group,
                average_kwh=None if point.average_wh is None else point.average_wh / _WH_PER_KWH,
                half_hours=point.slots,
            )
            for point in points
        ],
    )
