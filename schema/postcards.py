"""Postcards with a code as clients see them."""

import strawberry

from resolvers import postcards as resolve
from schema.arguments import Input
from schema.info import Info
from schema.user_errors import USER_ERRORS, UserError, done_or_refused


@strawberry.input(description="What the postcard says.")
class ConfirmPostcardCodeInput:
    code: str = strawberry.field(description="Width, case, spaces and hyphens do not matter.")


@strawberry.type(description="Usage and bills are open, if there are no user errors.")
class ConfirmPostcardCodePayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="Another postcard is sent, if there are no user errors.")
class ReissuePostcardPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class PostcardMutation:
    @strawberry.mutation(
        description="Enter the code of a postcard: usage and bills can be seen from then on."
    )
    async def confirm_postcard_code(
        self,
        info: Info,
        input: Input[ConfirmPostcardCodeInput],  # noqa: A002 - the contract's name
    ) -> ConfirmPostcardCodePayload:
        return await done_or_refused(
            ConfirmPostcardCodePayload, resolve.confirm_code(info.context, input.code)
        )

    @strawberry.mutation(
        description="Send another postcard; the code of the one before is dead. Once a day."
    )
    async def reissue_postcard(self, info: Info) -> ReissuePostcardPayload:
        return await done_or_refused(ReissuePostcardPayload, resolve.reissue(info.context))
