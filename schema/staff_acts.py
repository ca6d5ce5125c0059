"""What staff do for members and to them, as clients see it."""

import strawberry

from domain.leaving import OperatorReason
from resolvers import staff_acts as resolve
from schema.arguments import Input
from schema.info import Info
from schema.nodes import key_of
from schema.user_errors import USER_ERRORS, UserError, done_or_refused


@strawberry.input(description="Whose.")
class StaffUnlockMemberInput:
    member_id: strawberry.ID = strawberry.field(description="As `MemberFile.id`.")
    note: str | None = strawberry.field(default=None, description="For the audit log.")


@strawberry.input(description="Whose.")
class StaffReissuePostcardInput:
    member_id: strawberry.ID = strawberry.field(description="As `MemberFile.id`.")
    note: str | None = strawberry.field(default=None, description="For the audit log.")


@strawberry.input(description="Whose, and why.")
class StaffRemoveRegistrationInput:
    member_id: strawberry.ID = strawberry.field(description="As `MemberFile.id`.")
    reason: str = strawberry.field(description="For the audit log.")


@strawberry.input(description="Whose, and why.")
class StaffEndMembershipInput:
    member_id: strawberry.ID = strawberry.field(description="As `MemberFile.id`.")
    reason: OperatorReason = strawberry.field(
        description="Kept with the member, and in the audit log."
    )
    note: str | None = strawberry.field(default=None, description="For the audit log.")


@strawberry.input(description="Which message.")
class StaffResendMessageInput:
    id: strawberry.ID = strawberry.field(description="As `DeadMessage.id` or `MemberMessage.id`.")
    note: str | None = strawberry.field(default=None, description="For the audit log.")


@strawberry.type(description="Nothing of the member is locked, if there are no user errors.")
class StaffUnlockMemberPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="Another postcard is sent, if there are no user errors.")
class StaffReissuePostcardPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The account is gone, if there are no user errors.")
class StaffRemoveRegistrationPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The membership has ended, if there are no user errors.")
class StaffEndMembershipPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The message waits to be sent again, if there are no user errors.")
class StaffResendMessagePayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class StaffActMutation:
    @strawberry.mutation(
        description="Forget all wrong entries of a member, and open what they have locked."
    )
    async def staff_unlock_member(
        self,
        info: Info,
        input: Input[StaffUnlockMemberInput],  # noqa: A002 - the contract's name
    ) -> StaffUnlockMemberPayload:
        return await done_or_refused(
            StaffUnlockMemberPayload,
            resolve.unlock(info.context, key_of("Member", input.member_id), input.note),
        )

    @strawberry.mutation(
        description="Send a member another postcard; what the one before brought is dead."
    )
    async def staff_reissue_postcard(
        self,
        info: Info,
        input: Input[StaffReissuePostcardInput],  # noqa: A002 - the contract's name
    ) -> StaffReissuePostcardPayload:
        key = key_of("Member", input.member_id)
        return await done_or_refused(
            StaffReissuePostcardPayload, resolve.reissue_postcard(info.context, key, input.note)
        )

    @strawberry.mutation(
        description="Remove the account of a member, who can then register again, and is told."
    )
    async def staff_remove_registration(
        self,
        info: Info,
        input: Input[StaffRemoveRegistrationInput],  # noqa: A002 - the contract's name
    ) -> StaffRemoveRegistrationPayload:
        key = key_of("Member", input.member_id)
        return await done_or_refused(
            StaffRemoveRegistrationPayload,
            resolve.remove_registration(info.context, key, input.reason),
        )

    @strawberry.mutation(description="End a membership by the company's decision.")
    async def staff_end_membership(
        self,
        info: Info,
        input: Input[StaffEndMembershipInput],  # noqa: A002 - the contract's name
    ) -> StaffEndMembershipPayload:
        key = key_of("Member", input.member_id)
        return await done_or_refused(
            StaffEndMembershipPayload, resolve.end(info.context, key, input.reason, input.note)
        )

    @strawberry.mutation(description="Try once more to send a message that was given up.")
    async def staff_resend_message(
        self,
        info: Info,
        input: Input[StaffResendMessageInput],  # noqa: A002 - the contract's name
    ) -> StaffResendMessagePayload:
        return await done_or_refused(
            StaffResendMessagePayload,
            resolve.resend(info.context, key_of("Message", input.id), input.note),
        )
