"""Leaving a portal as clients see it."""

from datetime import datetime
from enum import StrEnum

import strawberry

from resolvers import leaving as resolve
from resolvers.refusals import Refused
from schema.described import described
from schema.info import Info
from schema.user_errors import USER_ERRORS, UserError, user_errors


class SupplyContractEffect(StrEnum):
    """A portal never ends or changes a contract of supply: for that a member asks the company."""

    GOES_ON = "GOES_ON"
    UNCHANGED = "UNCHANGED"


described(
    SupplyContractEffect,
    "What becomes of a member's contracts of supply.",
    GOES_ON="Leaving the portal ends none of them: for that a member asks the company.",
    UNCHANGED="A change of the profile is none of theirs: for that a member asks the company.",
)


@strawberry.type(description="When the membership ends, or what was wrong.")
class WithdrawPayload:
    leaves_at: datetime | None = strawberry.field(
        description=(
            "When the membership ends: now, or within a month; until then all goes on. Null if "
            "nothing was done."
        )
    )
    supply_contract: SupplyContractEffect | None = strawberry.field(
        description="Null if nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class LeavingMutation:
    @strawberry.mutation(
        description=(
            "Leave the portal; needs `confirmPassword` shortly before. "
            "The contracts of supply go on."
        )
    )
    async def withdraw(self, info: Info) -> WithdrawPayload:
        try:
            leaves_at = await resolve.withdraw(info.context)
        except Refused as refused:
            errors = user_errors(refused)
            return WithdrawPayload(leaves_at=None, supply_contract=None, user_errors=errors)
        return WithdrawPayload(
            leaves_at=leaves_at, supply_contract=SupplyContractEffect.GOES_ON, user_errors=[]
        )
