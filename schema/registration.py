"""Becoming a member as clients see it."""

import strawberry

from domain.members import MemberState
from domain.outbox import Language
from domain.policy import CourseKind
from domain.recovery import GivenAnswer
from resolvers import joining, registration
from resolvers.refusals import Refused
from resolvers.registration_forms import RegistrationForm
from schema.arguments import Input
from schema.info import Info
from schema.terms import AcceptTermsInput
from schema.user_errors import USER_ERRORS, UserError, done_or_refused, user_errors


@strawberry.input(description="Who wants to register, and where.")
class StartRegistrationInput:
    portal: str = strawberry.field(description="Key of the portal.")
    email: str = strawberry.field(description="Where the link goes.")
    language: Language = strawberry.field(description="Of the mail.")


@strawberry.input(description="Which registration.")
class SendTestMailInput:
    portal: str = strawberry.field(description="Key of the portal.")
    token: str = strawberry.field(
        description="Of the registration's link, or of `startRegistration`."
    )


@strawberry.input(description="A field of the profile form, filled in.")
class FieldInput:
    key: str = strawberry.field(description="One of `Portal.profile.fields`; each once.")
    value: str = strawberry.field(description="As its rules say; of a choice, its key.")


@strawberry.input(description="Who has forgotten ID or password is asked for it.")
class RecoveryAnswerInput:
    question: str | None = strawberry.field(
        default=None,
        description="Key of one of `Portal.recovery.questions`, where there are any.",
    )
    answer: str = strawberry.field(
        description="To the question, or the identity keyword; width, spaces and case do not matter."
    )


@strawberry.input(description="Everything that `Portal` says a new member tells.")
class CompleteRegistrationInput:
    portal: str = strawberry.field(description="Key of the portal.")
    token: str = strawberry.field(description="Of the link in the mail, or of `startRegistration`.")
    course: CourseKind | None = strawberry.field(
        default=None, description="One of `Portal.proof.courses`, where there are any."
    )
    login_id: str | None = strawberry.field(
        default=None, description="Only where `Portal.loginId.source` is CHOSEN."
    )
    password: str | None = strawberry.field(
        default=None, description="Unless the first one comes by postcard."
    )
    last_four: str | None = strawberry.field(
        default=None, description="Only where the course asks for it."
    )
    fields: list[FieldInput] = strawberry.field(
        description=(
            "Of the profile form, those asked at registration and those that prove who one is. A "
            "user error of one has the path `input.fields.<key>`."
        )
    )
    more_emails: list[str] | None = strawberry.field(
        default=None,
        description=(
            "Beside that of the registration, as far as `Portal.email.maxAddresses` goes: each is "
            "the member's once its link was opened. A user error has the path "
            "`input.moreEmails.<place>`."
        ),
    )
    accepted_terms: list[AcceptTermsInput] | None = strawberry.field(
        default=None,
        description=(
            "The current version of all `Portal.terms`, where there are any. A user error of one has "
            "the path `input.acceptedTerms.<key>`."
        ),
    )
    recovery: RecoveryAnswerInput | None = strawberry.field(
        default=None, description="Only where `Portal.recovery.answer` says its form."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same request again, with the same key, gets the same answer."
    )


def _given_answer(given: RecoveryAnswerInput) -> GivenAnswer:
    return GivenAnswer(given.question, given.answer)


@strawberry.type(description="A link is on its way, if there are no user errors.")
class StartRegistrationPayload:
    token: str | None = strawberry.field(
        default=None,
        description=(
            "For `completeRegistration`, where the portal opens its form without a link; else "
            "null, and the mail has it."
        ),
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=USER_ERRORS)


@strawberry.type(description="The mail is on its way, if there are no user errors.")
class SendTestMailPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The new member, or what to put right: all of it at once.")
class CompleteRegistrationPayload:
    state: MemberState | None = strawberry.field(
        default=None, description="Of the new member; null if there is none."
    )
    login_id: str | None = strawberry.field(default=None, description="Null where a mail tells it.")
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=USER_ERRORS)


@strawberry.type
class RegistrationMutation:
    @strawberry.mutation(
        description=(
            "Send a link to an address. The answer never tells whether a member has the address."
        )
    )
    async def start_registration(
        self,
        info: Info,
        input: Input[StartRegistrationInput],  # noqa: A002 - the contract's name
    ) -> StartRegistrationPayload:
        try:
            token = await registration.start(
                info.context, input.portal, input.email, input.language
            )
        except Refused as refused:
            return StartRegistrationPayload(user_errors=user_errors(refused))
        return StartRegistrationPayload(token=token)

    @strawberry.mutation(description="Send a test mail to the address of a registration.")
    async def send_test_mail(
        self,
        info: Info,
        input: Input[SendTestMailInput],  # noqa: A002 - the contract's name
    ) -> SendTestMailPayload:
        return await done_or_refused(
            SendTestMailPayload,
            registration.send_test_mail(info.context, input.portal, input.token),
        )

    @strawberry.mutation(description="Become a member: all of it is done, or nothing. Then log in.")
    async def complete_registration(
        self,
        info: Info,
        input: Input[CompleteRegistrationInput],  # noqa: A002 - the contract's name
    ) -> CompleteRegistrationPayload:
        form = RegistrationForm(
            course=input.course,
            login_id=input.login_id,
            password=input.password,
            last_four=input.last_four,
            fields=[(each.key, each.value) for each in input.fields],
            idempotency_key=input.idempotency_key,
            more_emails=input.more_emails or (),
            recovery=_given_answer(input.recovery) if input.recovery else None,
            accepted_terms=[(each.document, each.version) for each in input.accepted_terms or ()],
        )
        try:
            done = await joining.complete(info.context, input.portal, input.token, form)
        except Refused as refused:
            return CompleteRegistrationPayload(user_errors=user_errors(refused))
        return CompleteRegistrationPayload(state=done.state, login_id=done.login_id)
