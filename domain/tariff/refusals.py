"""Why a reading period cannot be priced."""

from enum import StrEnum


class NotPricedReason(StrEnum):
    NO_CONTRACT = "NO_CONTRACT"
    "Nothing of the kind was contracted for in the period."
    OVERLAPPING_CONTRACTS = "OVERLAPPING_CONTRACTS"
    "Two contracts of the kind on one day."
    UNKNOWN_PLAN = "UNKNOWN_PLAN"
    "The contract names no plan of the company's that is for its kind."
    PLAN_NOT_VALID = "PLAN_NOT_VALID"
    "On a day of the contract the plan had not begun, or was no more."
    UNFIT_CAPACITY = "UNFIT_CAPACITY"
    "The plan is not for the contracted size, or the contract has none."
    UNKNOWN_RATE = "UNKNOWN_RATE"
    "The fuel adjustment or the levy of the billing month is not known."
    NEEDS_HALF_HOURS = "NEEDS_HALF_HOURS"
    "The price depends on the time of use, and only the total is known."
    NEEDS_MARKET_PRICES = "NEEDS_MARKET_PRICES"
    "There was use in a half hour whose market price is not known."


class NotPriced(ValueError):
    """A reading period without a price; the message says what is wrong for people of the company."""

    def __init__(self, reason: NotPricedReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
