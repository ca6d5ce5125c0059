"""Usage as clients see it: series by point or by column, comparison, profile."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

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
    from_: datetime = strawberry.field(name="from", description="Begin.")
    to: datetime = strawberry.field(description="End, not in the span.")


@strawberry.type(description="How many half hours of the series should have a value, and have one.")
class Coverage:
    expected: int = strawberry.field(description="Half hours that should have a value by now.")
    present: int = strawberry.field(description="Those of them that have one.")
    missing: list[SpanType] = strawberry.field(
        description="Gaps, in order; what lies side by side is one."
    )
    settled_until: datetime | None = strawberry.field(
        description=(
            "End of the last SETTLED half hour before the first PROVISIONAL one; null if none is "
            "settled."
        )
    )


@strawberry.type(description="What was drawn or fed in over a span, slot by slot.")
class UsageSeries:
    answer: strawberry.Private[resolve.UsageAnswer]
    from_: datetime = strawberry.field(
        name="from", description="As asked, but not before the contract began."
    )
    to: datetime = strawberry.field(
        description="As asked, but not after the last half hour that has or should have a value."
    )
    resolution: Resolution = strawberry.field(description="As asked.")
    direction: Direction = strawberry.field(description="As asked.")

    @strawberry.field(
        description="Sum of all half hours that have a value, in kWh: also of the points."
    )
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
            "What all half hours that have a price come to, in whole yen, the fraction dropped. "
            "Null if none has."
        )
    )
    def total_yen(self) -> int | None:
        sen = self.answer.slot_sen
        return None if sen is None else total_yen(sen)

    @strawberry.field(
        description="The point with the highest usage, the first of equals; null if none has a value."
    )
    def peak(self) -> UsagePoint | None:
        index = peak(self.answer.points)
        return None if index is None else usage_point(self.answer, index)

    @strawberry.field(description="How complete the series is.")
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
    async def download(
        self,
        info: Info,
        format: Annotated[  # noqa: A002 - the contract's name
            DownloadFormat,
            strawberry.argument(description="CSV, XLSX or GREEN_BUTTON: another is BAD_INPUT."),
        ],
    ) -> Download:
        document = usage_document(self.answer)
        return download_type(await downloads.download(info.context, document, format))

    @strawberry.field(
        description="The same span earlier. Null where the portal's history does not reach back."
    )
    async def compared_with(
        self,
        info: Info,
        what: Annotated[
            resolve.Comparison, strawberry.argument(description="With which earlier span.")
        ],
    ) -> "UsageSeries | None":
        answer = await resolve.compared(info.context, self.answer.question, what, wanted(info))
        return None if answer is None else series_type(answer)


@strawberry.type(
    description=(
        "Average use of one group: a half hour of day (0 to 47), a weekday (0 is Monday) or a kind "
        "of day (0 weekday, 1 Saturday, Sunday or public holiday)."
    )
)
class UsageProfilePoint:
    group: int = strawberry.field(description="Number of the group, from 0.")
    average_kwh: float | None = strawberry.field(
        description=(
            "In kWh, of a half hour by HALF_HOUR_OF_DAY, else of a whole day; null without values."
        )
    )
    half_hours: int = strawberry.field(description="How many half hours it is the average of.")


@strawberry.type(description="How a member's use is spread, on average.")
class UsageProfile:
    from_: datetime = strawberry.field(
        name="from", description="As asked, but not before the contract began."
    )
    to: datetime = strawberry.field(
        description="As asked, but not after the last half hour that has or should have a value."
    )
    by: ProfileBasis = strawberry.field(description="As asked.")
    direction: Direction = strawberry.field(description="As asked.")
    points: list[UsageProfilePoint] = strawberry.field(description="All groups, in order.")


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
