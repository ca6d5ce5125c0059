"""The running day as clients see it, asked for or live."""

from datetime import datetime
from typing import Final

import strawberry

from domain.facilities import Facility
from domain.slots import first_slot, start_of_slot
from domain.usage_today import PeriodTotal
from resolvers.live import StreamState
from resolvers.today import TodayEvent, today
from schema.info import Info
from schema.selections import mentions

_WH_PER_KWH: Final = 1000
_FORECASTS: Final = ("forecastKwh", "readingPeriod")
_STATE: Final = ("state", "lastReceivedAt")
"These read more, so they are only known if one of them was asked for."


@strawberry.type(
    description=(
        "The reading period that runs now. Meters are read every month: a period that nobody has "
        "told yet begins where the last one ended, and is a month long."
    )
)
class RunningReadingPeriod:
    from_: datetime = strawberry.field(name="from")
    to: datetime
    kwh_so_far: float
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
        description="Null: no tariff that is known prices this plan by the half hour."
    )


@strawberry.type(description="The running Tokyo day against the day before; only drawn energy.")
class UsageToday:
    start_at: datetime
    as_of: datetime = strawberry.field(description="End of the newest half hour that is in it.")
    kwh: float
    kwh_yesterday_by_this_time: float
    kwh_yesterday: float
    yen: float | None = strawberry.field(
        description="Cost so far. Null: no tariff that is known prices this plan by the half hour."
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
        description="When the newest reading of the facility was received."
    )


def with_forecast(info: Info) -> bool:
    """Whether what is selected of a UsageToday has a forecast in it."""
    return any(mentions(info, name) for name in _FORECASTS)


async def usage_today(info: Info, of: Facility) -> UsageToday:
    """The running day of a facility of who asks, with what is selected of it."""
    with_state = any(mentions(info, name) for name in _STATE)
    return today_type(
        await today(info.context, of, with_forecast=with_forecast(info), with_state=with_state)
    )


def today_type(event: TodayEvent) -> UsageToday:
    day = event.today
    return UsageToday(
        start_at=day.start,
        as_of=day.as_of,
        kwh=day.wh / _WH_PER_KWH,
        kwh_yesterday_by_this_time=day.same_time_yesterday_wh / _WH_PER_KWH,
        kwh_yesterday=day.yesterday_wh / _WH_PER_KWH,
        yen=None,
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
        forecast_yen=None,
    )


def _whole_wh(wh: float | None) -> float | None:
    """KWh of a forecast, which knows no fractions of a Wh."""
    return None if wh is None else round(wh) / _WH_PER_KWH
