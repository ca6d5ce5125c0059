"""Getting back a forgotten ID or password by what the member remembers, as clients see it."""

from datetime import datetime

import strawberry

from domain.policy import RecoveryWay
from domain.recovery import GivenAnswer, Recollection
from resolvers import recalling, secret_answers
from resolvers.refusals import Refused
from schema.arguments import Input
from schema.info import Info
from schema.user_errors import USER_ERRORS, UserError, done_or_refused, user_errors

_WAY = "SECRET_QUESTION or KEYWORD_AND_NICKNAME, if it is one of `Portal.recovery.ways`."
_QUESTION = "Key of the question that the member chose; only of SECRET_QUESTION."
_NICKNAME = "Only of KEYWORD_AND_NICKNAME."
_ANSWER = "Or the identity keyword; width, spaces and case do not matter."


@strawberry.input(description="What only the member knows.")
class RecoverLoginIdInput:
    portal: str = strawberry.field(description="Key of the portal.")
    way: RecoveryWay = strawberry.field(description=_WAY)
    email: str = strawberry.field(description="Any address of the member.")
    question: str | None = strawberry.field(default=None, description=_QUESTION)
    nickname: str | None = strawberry.field(default=None, description=_NICKNAME)
    answer: str = strawberry.field(description=_ANSWER)


@strawberry.input(description="What only the member knows.")
class RecoverPasswordInput:
    portal: str = strawberry.field(description="Key of the portal.")
    way: RecoveryWay = strawberry.field(description=_WAY)
    login_id: str = strawberry.field(description="What the member logs in with.")
    email: str = strawberry.field(description="Any address of the member.")
    question: str | None = strawberry.field(default=None, description=_QUESTION)
    nickname: str | None = strawberry.field(default=None, description=_NICKNAME)
    answer: str = strawberry.field(description=_ANSWER)


@strawberry.input(description="The next question and answer, or identity keyword.")
class SetRecoveryAnswerInput:
    question: str | None = strawberry.field(
        default=None, description="Key of one of `Portal.recovery.questions`, where there are any."
    )
    answer: str = strawberry.field(description=_ANSWER)


@strawberry.type(description="The login ID, or what was wrong.")
class RecoverLoginIdPayload:
    login_id: str | None = strawberry.field(default=None, description="Null if it is not told.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=USER_ERRORS)


@strawberry.type(description="The right to set a new password, or what was wrong.")
class RecoverPasswordPayload:
    token: str | None = strawberry.field(
        default=None,
        description="For `resetPassword`, once and until `endsAt`; null if nothing was proved.",
    )
    ends_at: datetime | None = strawberry.field(
        default=None, description="Until when `token` works; null without one."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=USER_ERRORS)


@strawberry.type(description="The answer holds, if there are no user errors.")
class SetRecoveryAnswerPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class RecallingMutation:
    @strawberry.mutation(
        description="The login ID of who knows the secret answer; a mail tells it to the member too."
    )
    async def recover_login_id(
        self,
        info: Info,
        input: Input[RecoverLoginIdInput],  # noqa: A002 - the contract's name
    ) -> RecoverLoginIdPayload:
        entered = Recollection(
            input.way, input.email, None, input.question, input.nickname, input.answer
        )
        try:
            login_id = await recalling.recover_login_id(info.context, input.portal, entered)
        except Refused as refused:
            return RecoverLoginIdPayload(user_errors=user_errors(refused))
        return RecoverLoginIdPayload(login_id=login_id)

    @strawberry.mutation(description="Let who knows the secret answer set a new password.")
    async def recover_password(
        self,
        info: Info,
        input: Input[RecoverPasswordInput],  # noqa: A002 - the contract's name
    ) -> RecoverPasswordPayload:
        entered = Recollection(
            input.way, input.email, input.login_id, input.question, input.nickname, input.answer
        )
        try:
            may = await recalling.recover_password(info.context, input.portal, entered)
        except Refused as refused:
            return RecoverPasswordPayload(user_errors=user_errors(refused))
        return RecoverPasswordPayload(token=may.token, ends_at=may.ends_at)

    @strawberry.mutation(
        description=(
            "Replace the secret answer or the identity keyword; needs `confirmPassword` shortly before."
        )
    )
    async def set_recovery_answer(
        self,
        info: Info,
        input: Input[SetRecoveryAnswerInput],  # noqa: A002 - the contract's name
    ) -> SetRecoveryAnswerPayload:
        given = GivenAnswer(input.question, input.answer)
        return await done_or_refused(
            SetRecoveryAnswerPayload, secret_answers.set_recovery_answer(info.context, given)
        )
