"""Secret keywords as clients see them: answering with one, and setting them."""

import strawberry

from resolvers import second_factor as resolve
from resolvers.refusals import Refused
from schema.arguments import Input
from schema.info import Info
from schema.sessions import LogInPayload, log_in_payload
from schema.user_errors import USER_ERRORS, UserError, user_errors


@strawberry.input(description="The answer to a challenge.")
class AnswerChallengeInput:
    token: str = strawberry.field(description="`LogInChallenge.token`.")
    answer: str = strawberry.field(
        description="The keyword at `position`; width, case and outer spaces do not matter."
    )


@strawberry.input(description="All keywords, in their order.")
class SetKeywordsInput:
    keywords: list[str] = strawberry.field(
        description="As many as the portal wants; width, case and outer spaces do not matter."
    )


@strawberry.type(description="The keywords hold, if there are no user errors.")
class SetKeywordsPayload:
    device_token: str | None = strawberry.field(
        description="Of the device of the request: keep it, to log in with. Null if nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class SecondFactorMutation:
    @strawberry.mutation(
        description="Open a session with the keyword that a challenge asks for; it works once."
    )
    async def answer_challenge(
        self,
        info: Info,
        input: Input[AnswerChallengeInput],  # noqa: A002 - the contract's name
    ) -> LogInPayload:
        try:
            return log_in_payload(await resolve.answer(info.context, input.token, input.answer))
        except Refused as refused:
            return LogInPayload(user_errors=user_errors(refused))

    @strawberry.mutation(
        description="Replace the secret keywords; needs `confirmPassword` shortly before."
    )
    async def set_keywords(self, info: Info, input: Input[SetKeywordsInput]) -> SetKeywordsPayload:  # noqa: A002 - the contract's name
        try:
            token = await resolve.set_keywords(info.context, input.keywords)
        except Refused as refused:
            return SetKeywordsPayload(device_token=None, user_errors=user_errors(refused))
        return SetKeywordsPayload(device_token=token, user_errors=[])
