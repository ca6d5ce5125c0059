"""The running day as clients see it, asked for or live."""

from datetime import datetime
from typing import Final

import strawberry

from domain.bills import SEN
from domain.facilities import Facility
from domain.slots import first_slot, start_of_slot
from domain.usage_today import PeriodTotal
from resolvers.live import StreamState
from resolvers.today import TodayEvent, WantedOfDay, today
from schema.info import Info
from schema.selections import mentions

_WH_PER_KWH: Final = 1000
_FORECASTS: Final = ("forecastKwh", "readingPeriod")
_YEN: Final = ("yen", "readingPeriod.forecastYen")
_STATE: Final = ("state", "lastReceivedAt")
"These read more, so they are only known if one of them was asked for."


@strawberry.type(
    description=(
        "The reading period that runs now. Meters are read every month: a period that nobody has "
        "told yet begins where the last one ended, and is a month long."
    )
)
class RunningReadingPeriod:
    from_: datetime = strawberry.field(
        name="from", description="Midnight in Tokyo, at which the period began."
    )
    to: datetime = strawberry.field(
        description="When it will end; the day is guessed until the company tells it."
    )
    kwh_so_far: float = strawberry.field(description="From `from` to the newest reading, in kWh.")
    missing_half_hours: int = strawberry.field(
        description="Half hours so far that should have a value and have none."
    )
    forecast_kwh: float | None = strawberry.field(
        description=(
            "The period so far, and what is expected in its gaps and in all that is to come of it. "
            "Null with too little history."
        )
    )
    forecast_yen: int | None = strawberry.field(
        description=(
            "What its bill comes to with that. Null without a forecast, where the plan or a rate is "
            "not known, and where the price goes by the market."
        )
    )


@strawberry.type(description="The running Tokyo day against the day before; only drawn energy.")
class UsageToday:
    start_at: datetime = strawberry.field(description="Midnight in Tokyo, at which the day began.")
    as_of: datetime = strawberry.field(description="End of the newest half hour that is in it.")
    kwh: float = strawberry.field(description="From `startAt` to `asOf`, in kWh.")
    kwh_yesterday_by_this_time: float = strawberry.field(
        description="Of the same half hours the day before, in kWh."
    )
    kwh_yesterday: float = strawberry.field(description="Of the whole day before, in kWh.")
    yen: float | None = strawberry.field(
        description=(
            "Cost so far, to the sen. Null where the plan, a rate or the reading period is not "
            "known."
        )
    )
    missing_half_hours: int = strawberry.field(
        description="Half hours of the day that should have a value by now and have none."
    )
    forecast_kwh: float | None = strawberry.field(
        description=(
            "What the whole day comes to: the day so far, and the average of the same half hours on "
            "days of its kind (weekdays, or Saturdays, Sundays and holidays) in the four weeks "
            "before, more or less as today compares with them. Null unless three such days have a "
            "value of each half hour."
        )
    )
    reading_period: RunningReadingPeriod | None = strawberry.field(
        description="Null while no reading period of the facility is known, or not the last ones."
    )
    state: StreamState = strawberry.field(description="STALE when readings are overdue, else LIVE.")
    last_received_at: datetime | None = strawberry.field(
        description="When the newest reading of the facility was received; null if there is none."
    )


def wanted_of_day(info: Info) -> WantedOfDay:
    """What is selected of a UsageToday that takes more to know."""
    return WantedOfDay(
        *(any(mentions(info, name) for name in names) for names in (_FORECASTS, _YEN, _STATE))
    )


async def usage_today(info: Info, of: Facility) -> UsageToday:
    """The running day of a facility of who asks, with what is selected of it."""
    return today_type(await today(info.context, of, wanted_of_day(info)))


def today_type(event: TodayEvent) -> UsageToday:
    day = event.today
    return UsageToday(
        start_at=day.start,
        as_of=day.as_of,
        kwh=day.wh / _WH_PER_KWH,
        kwh_yesterday_by_this_time=day.same_time_yesterday_wh / _WH_PER_KWH,
        kwh_yesterday=day.yesterday_wh / _WH_PER_KWH,
        yen=None if day.sen is None else day.sen / SEN,
        missing_half_hours=day.missing,
        forecast_kwh=_whole_wh(day.forecast_wh),
        reading_period=None if day.period is None else _period(day.period),
        state=event.state,
        last_received_at=event.last_received_at,
    )


def _period(period: PeriodTotal) -> RunningReadingPeriod:
    return RunningReadingPeriod(
        from_=start_of_slot(first_slot(period.first_day)),
        to=start_of_slot(first_slot(period.end_day)),
        kwh_so_far=period.wh / _WH_PER_KWH,
        missing_half_hours=period.missing,
        forecast_kwh=_whole_wh(period.forecast_wh),
        forecast_yen=period.forecast_yen,
    )


def _whole_wh(wh: float | None) -> float | None:
    """KWh of a forecast, which knows no fractions of a Wh."""
    return None if wh is None else round(wh) / _WH_PER_KWH
