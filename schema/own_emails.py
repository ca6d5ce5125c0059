"""A member's own e-mail addresses as clients see them."""

import strawberry

from resolvers import email_links
from resolvers import own_emails as resolve
from resolvers.refusals import Refused
from schema.arguments import Input
from schema.info import Info
from schema.members import Member, member_type
from schema.user_errors import USER_ERRORS, UserError, done_or_refused, user_errors


@strawberry.input(description="The next first address.")
class ChangeEmailInput:
    email: str = strawberry.field(description="Where the link goes.")


@strawberry.input(description="One more address.")
class AddEmailInput:
    email: str = strawberry.field(description="Where the link goes.")


@strawberry.input(description="An address that is not wanted any more.")
class RemoveEmailInput:
    email: str = strawberry.field(description="One of `Member.emails`, but not the first.")


@strawberry.input(description="Which link was opened.")
class ConfirmEmailChangeInput:
    portal: str = strawberry.field(description="Key of the portal.")
    token: str = strawberry.field(description="Of the link in the mail.")


@strawberry.type(description="A link is on its way, if there are no user errors.")
class ChangeEmailPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="A link is on its way, if there are no user errors.")
class AddEmailPayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The member without the address, or what was wrong.")
class RemoveEmailPayload:
    member: Member | None = strawberry.field(description="Null if nothing was done.")
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type(description="The change is made, if there are no user errors.")
class ConfirmEmailChangePayload:
    sessions_ended: bool | None = strawberry.field(
        description=(
            "Whether one logs in again, as after another first address; null if nothing was done."
        )
    )
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class OwnEmailMutation:
    @strawberry.mutation(
        description=(
            "Send a link to an address, which makes it the first one; needs `confirmPassword` "
            "shortly before. The answer never tells whether another member has the address."
        )
    )
    async def change_email(self, info: Info, input: Input[ChangeEmailInput]) -> ChangeEmailPayload:  # noqa: A002 - the contract's name
        return await done_or_refused(
            ChangeEmailPayload, resolve.change_email(info.context, input.email)
        )

    @strawberry.mutation(
        description=(
            "Send a link to an address, which makes it one more, as far as "
            "`Portal.email.maxAddresses` goes; needs `confirmPassword` shortly before."
        )
    )
    async def add_email(self, info: Info, input: Input[AddEmailInput]) -> AddEmailPayload:  # noqa: A002 - the contract's name
        return await done_or_refused(AddEmailPayload, resolve.add_email(info.context, input.email))

    @strawberry.mutation(
        description="Take an address away, but not the first; needs `confirmPassword` shortly before."
    )
    async def remove_email(self, info: Info, input: Input[RemoveEmailInput]) -> RemoveEmailPayload:  # noqa: A002 - the contract's name
        try:
            member = await resolve.remove_email(info.context, input.email)
        except Refused as refused:
            return RemoveEmailPayload(member=None, user_errors=user_errors(refused))
        return RemoveEmailPayload(member=member_type(member), user_errors=[])

    @strawberry.mutation(
        description=(
            "Do what the link of `changeEmail` or `addEmail` is for. With another first address all "
            "sessions end, and mails to both addresses say so."
        )
    )
    async def confirm_email_change(
        self,
        info: Info,
        input: Input[ConfirmEmailChangeInput],  # noqa: A002 - the contract's name
    ) -> ConfirmEmailChangePayload:
        try:
            ended = await email_links.confirm(info.context, input.portal, input.token)
        except Refused as refused:
            return ConfirmEmailChangePayload(sessions_ended=None, user_errors=user_errors(refused))
        return ConfirmEmailChangePayload(sessions_ended=ended, user_errors=[])
