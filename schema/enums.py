"""Enumerations of usage and bills as clients see them; imported before any type that has one."""

from domain.bills import BillSource, LineKind, PaymentState
from domain.downloads import DownloadFormat
from domain.facilities import ContractKind, PaymentMethod
from domain.readings import Direction, Quality
from domain.tariff.refusals import NotPricedReason
from domain.usage import Resolution
from domain.usage_profile import ProfileBasis
from resolvers.live import StreamState
from resolvers.usage import Comparison
from schema.described import described

described(
    ContractKind,
    "What a contract is for.",
    ELECTRICITY="Electricity that is drawn.",
    GAS="City gas. It has bills and reading periods, and no half hours.",
    BUY_BACK="Electricity that is fed in: the company pays for it.",
)
described(
    PaymentMethod,
    "How bills are paid.",
    DIRECT_DEBIT="From a bank account (口座振替).",
    CARD="By credit card, as the card company collects it.",
    PAYMENT_SLIP="With a slip (振込票), at a bank or a shop.",
)
described(
    PaymentState,
    "How far a payment is.",
    UNPAID="Not paid, or not known yet.",
    PAID="Paid in whole.",
    OVERDUE="Not paid when it was due.",
    DEBIT_FAILED="The account could not be debited.",
)
described(
    BillSource,
    "Who made a bill.",
    MADE="Made here, from readings.",
    IMPORTED="Handed in by the company's billing; it wins over one that was made here.",
)
described(
    LineKind,
    "What a line of a bill is for.",
    name="BillLineKind",
    BASIC_CHARGE="For having the contract (基本料金), whatever was used.",
    MINIMUM_CHARGE="For the first kWh (最低料金), also if they were not used.",
    ENERGY_CHARGE="For what was used (電力量料金), by tier or time of use.",
    FUEL_ADJUSTMENT="Fuel cost adjustment (燃料費調整) of the month, below zero when fuel is cheap.",
    RENEWABLE_LEVY="Renewable energy levy (再エネ賦課金) of the year.",
    DISCOUNT="Below zero: what is taken off.",
    BUY_BACK="For what was fed in.",
    ROUNDING="The fraction of a yen that is dropped: below zero, or 0.",
)
described(
    DownloadFormat,
    "Formats of files; which of them a thing has is told where it is asked for.",
    CSV="For spreadsheets: UTF-8 with a byte order mark.",
    XLSX="For Excel.",
    GREEN_BUTTON="For partner apps: ESPI XML.",
    PDF="To be printed.",
)
described(
    Resolution,
    "How long a point of a series is; days are those of Tokyo.",
    HALF_HOUR="As meters tell it.",
    HOUR="From the full hour.",
    DAY="From midnight.",
    WEEK="From Monday.",
    MONTH="From the first of the month.",
    READING_PERIOD="From one reading of the meter to the next, as bills are made.",
    YEAR="From the first of January.",
)
described(
    ProfileBasis,
    "What use is averaged over.",
    HALF_HOUR_OF_DAY="48 groups: 0 begins at midnight.",
    WEEKDAY="7 groups: 0 is Monday.",
    DAY_KIND="2 groups: 0 is weekdays, 1 Saturdays, Sundays and public holidays.",
)
described(
    Comparison,
    "With which earlier span.",
    MONTH_BEFORE="The same dates a month earlier.",
    YEAR_BEFORE="The same dates a year earlier.",
)
described(
    NotPricedReason,
    "Why a plan does not price a span.",
    NO_CONTRACT="Nothing of the kind was contracted for in the span.",
    OVERLAPPING_CONTRACTS="Two contracts of the kind on one day.",
    UNKNOWN_PLAN="The contract names no plan that is for its kind.",
    PLAN_NOT_VALID="On a day of the contract the plan had not begun, or was no more.",
    UNFIT_CAPACITY="The plan is not for the contracted size, or the contract has none.",
    UNKNOWN_RATE="The fuel adjustment or the levy of a month is not known.",
    NEEDS_HALF_HOURS="The price depends on the time of use, and only the total is known.",
    NEEDS_MARKET_PRICES="There was use in a half hour whose market price is not known.",
)
described(
    Direction,
    "IMPORT is what the customer draws, EXPORT what the customer feeds in (buy-back).",
    IMPORT="Drawn from the grid.",
    EXPORT="Fed into the grid.",
)
described(
    Quality,
    "MISSING is a slot that should have a value by now and has none; it is never a zero.",
    MISSING="No value, though there should be one.",
    PROVISIONAL="As the meter told it; it may still be corrected.",
    SETTLED="As it is billed.",
    ESTIMATED="Not measured: the company put in what is likely.",
)
described(
    StreamState,
    "How far behind the present what is sent is.",
    CATCHING_UP="The past is being sent.",
    LIVE="What comes is sent at once.",
    STALE="Readings are overdue: none came for longer than usual.",
)
