"""What a user can put right, as clients see it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, TypeVar

import strawberry

from resolvers.refusals import Refused

USER_ERRORS: Final = "Why nothing was done; empty if it was done."
"The text of the field of this name, in every payload."

_Payload = TypeVar("_Payload")


@strawberry.type(description="What a user can put right; `field` is the path of the input.")
class UserError:
    code: str = strawberry.field(description="Stable; all are listed in docs/errors.md.")
    message: str = strawberry.field(
        description="In English, for whoever writes the client; what was entered is not repeated."
    )
    field: list[str] | None = strawberry.field(
        description="From `input` down, by names and list places; null where no single input is wrong."
    )
    retry_at: datetime | None = strawberry.field(
        default=None, description="When to try again, where waiting is all that helps; else null."
    )


def user_errors(refused: Refused) -> list[UserError]:
    """The user errors of a payload of which nothing was done."""
    return [_user_error(each) for each in refused.each]


async def done_or_refused(payload: Callable[..., _Payload], act: Awaitable[object]) -> _Payload:
    """The payload of a mutation that tells nothing but what was wrong."""
    try:
        await act
    except Refused as refused:
        return payload(user_errors=user_errors(refused))
    return payload(user_errors=[])


def _user_error(refused: Refused) -> UserError:
    path = ["input", *refused.field] if refused.field else None
    return UserError(code=refused.code, message=str(refused), field=path, retry_at=refused.retry_at)
