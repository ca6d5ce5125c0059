"""Duties of the first log-in as clients see them."""

import strawberry

from domain.policy import Duty
from resolvers import first_login as resolve
from resolvers.refusals import Refused
from schema.arguments import Input
from schema.info import Info
from schema.registration import FieldInput
from schema.user_errors import USER_ERRORS, UserError, user_errors


@strawberry.input(description="What only the contract's holder knows.")
class ConfirmContractPhoneInput:
    phone: str = strawberry.field(description="As it was given with the supply contract.")


@strawberry.input(description="The form, filled in.")
class CompleteProfileInput:
    fields: list[FieldInput] = strawberry.field(
        description=(
            "Of `Portal.profile.fields` those asked at FIRST_LOGIN. A user error of one has the path "
            "`input.fields.<key>`."
        )
    )


@strawberry.type(description="What is left to do, or what was wrong.")
class ConfirmContractPhonePayload:
    duties: list[Duty] | None = strawberry.field(
        default=None, description="What is left to do, in this order; null if nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=USER_ERRORS)


@strawberry.type(description="What is left to do, or what was wrong.")
class CompleteProfilePayload:
    duties: list[Duty] | None = strawberry.field(
        default=None, description="What is left to do, in this order; null if nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=USER_ERRORS)


@strawberry.type
class FirstLoginMutation:
    @strawberry.mutation(
        description="The duty CONTRACT_PHONE: show that one knows the contract's phone number."
    )
    async def confirm_contract_phone(
        self,
        info: Info,
        input: Input[ConfirmContractPhoneInput],  # noqa: A002 - the contract's name
    ) -> ConfirmContractPhonePayload:
        try:
            left = await resolve.confirm_contract_phone(info.context, input.phone)
        except Refused as refused:
            return ConfirmContractPhonePayload(user_errors=user_errors(refused))
        return ConfirmContractPhonePayload(duties=list(left))

    @strawberry.mutation(description="The duty PROFILE: fill in what the first log-in asks for.")
    async def complete_profile(
        self,
        info: Info,
        input: Input[CompleteProfileInput],  # noqa: A002 - the contract's name
    ) -> CompleteProfilePayload:
        fields = [(each.key, each.value) for each in input.fields]
        try:
            left = await resolve.complete_profile(info.context, fields)
        except Refused as refused:
            return CompleteProfilePayload(user_errors=user_errors(refused))
        return CompleteProfilePayload(duties=list(left))
