"""What a user can put right, as clients see it."""

from datetime import datetime

import strawberry

from resolvers.refusals import Refused


@strawberry.type(description="What a user can put right; `field` is the path of the input.")
class UserError:
    code: str
    message: str
    field: list[str] | None
    retry_at: datetime | None = strawberry.field(
        default=None, description="When to try again, where waiting is all that helps."
    )


def user_errors(refused: Refused) -> list[UserError]:
    """The user errors of a payload of which nothing was done."""
    return [_user_error(each) for each in refused.each]


def _user_error(refused: Refused) -> UserError:
    path = ["input", *refused.field] if refused.field else None
    return UserError(code=refused.code, message=str(refused), field=path, retry_at=refused.retry_at)
