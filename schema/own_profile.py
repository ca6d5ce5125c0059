"""Changing the profile, and which mails are wanted, as clients see it."""

import strawberry

from domain.policy import MailTopic
from resolvers import own_profile as resolve
from resolvers.refusals import Refused
from schema.arguments import Input
from schema.info import Info
from schema.leaving import SupplyContractEffect
from schema.members import Member, member_type
from schema.portal_rules import Label, label_type
from schema.registration import FieldInput
from schema.user_errors import USER_ERRORS, UserError, user_errors


@strawberry.input(description="What changes.")
class UpdateProfileInput:
    fields: list[FieldInput] = strawberry.field(
        description=(
            "Those that change, by the keys of `Portal.profile.fields`; an empty value takes away "
            "what was there. A user error of one has the path `input.fields.<key>`."
        )
    )


@strawberry.input(description="One switch.")
class MailPreferenceInput:
    topic: MailTopic = strawberry.field(description="One of `Portal.mailKinds`; each once.")
    wanted: bool = strawberry.field(description="Whether the mails are sent from now on.")


@strawberry.input(description="What changes.")
class SetMailPreferencesInput:
    preferences: list[MailPreferenceInput] = strawberry.field(
        description="Those that change, of `Portal.mailKinds`."
    )


@strawberry.type(description="The member as it is now, or what was wrong.")
class UpdateProfilePayload:
    member: Member | None = strawberry.field(default=None, description="Null if nothing was done.")
    supply_contract: SupplyContractEffect | None = strawberry.field(
        default=None, description="Null if nothing was done."
    )
    supply_contract_note: Label | None = strawberry.field(
        default=None, description="The same, to be shown to the member; null if nothing was done."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list, description=USER_ERRORS)


@strawberry.type(description="The member as it is now, or what was wrong.")
class SetMailPreferencesPayload:
    member: Member | None = strawberry.field(description="Null if nothing was done.")
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class OwnProfileMutation:
    @strawberry.mutation(
        description="Change fields of the profile. The contracts of supply stay as they are."
    )
    async def update_profile(
        self,
        info: Info,
        input: Input[UpdateProfileInput],  # noqa: A002 - the contract's name
    ) -> UpdateProfilePayload:
        given = [(each.key, each.value) for each in input.fields]
        try:
            member, note = await resolve.update_profile(info.context, given)
        except Refused as refused:
            return UpdateProfilePayload(user_errors=user_errors(refused))
        return UpdateProfilePayload(
            member=member_type(member),
            supply_contract=SupplyContractEffect.UNCHANGED,
            supply_contract_note=label_type(note),
        )

    @strawberry.mutation(description="Switch mails on and off, from now on.")
    async def set_mail_preferences(
        self,
        info: Info,
        input: Input[SetMailPreferencesInput],  # noqa: A002 - the contract's name
    ) -> SetMailPreferencesPayload:
        given = [(each.topic, each.wanted) for each in input.preferences]
        try:
            member = await resolve.set_mail_preferences(info.context, given)
        except Refused as refused:
            return SetMailPreferencesPayload(member=None, user_errors=user_errors(refused))
        return SetMailPreferencesPayload(member=member_type(member), user_errors=[])
