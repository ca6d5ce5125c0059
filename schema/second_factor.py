"""Secret keywords as clients see them: answering with one, and setting them."""

import strawberry

from resolvers import second_factor as resolve
from resolvers.refusals import Refused
from schema.info import Info
from schema.sessions import LogInPayload, log_in_payload
from schema.user_errors import UserError, user_errors


@strawberry.input
class AnswerChallengeInput:
    token: str
    answer: str


@strawberry.input
class SetKeywordsInput:
    keywords: list[str] = strawberry.field(
        description="As many as the portal wants; width, case and outer spaces do not matter."
    )


@strawberry.type
class SetKeywordsPayload:
    device_token: str | None = strawberry.field(
        description="Of the device of the request: keep it, and log in with it."
    )
    user_errors: list[UserError]


@strawberry.type
class SecondFactorMutation:
    @strawberry.mutation(
        description="Open a session with the keyword that a challenge asks for; it works once."
    )
    async def answer_challenge(self, info: Info, input: AnswerChallengeInput) -> LogInPayload:  # noqa: A002 - the contract's name
        try:
            return log_in_payload(await resolve.answer(info.context, input.token, input.answer))
        except Refused as refused:
            return LogInPayload(user_errors=user_errors(refused))

    @strawberry.mutation(
        description="Replace the secret keywords; needs `confirmPassword` shortly before."
    )
    async def set_keywords(self, info: Info, input: SetKeywordsInput) -> SetKeywordsPayload:  # noqa: A002 - the contract's name
        try:
            token = await resolve.set_keywords(info.context, input.keywords)
        except Refused as refused:
            return SetKeywordsPayload(device_token=None, user_errors=user_errors(refused))
        return SetKeywordsPayload(device_token=token, user_errors=[])
