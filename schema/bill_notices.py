"""Mails about bills as clients ask for them."""

import strawberry

from resolvers.bill_notices import send_bill_notice
from schema.arguments import Input
from schema.info import Info
from schema.nodes import key_of
from schema.user_errors import USER_ERRORS, UserError, done_or_refused


@strawberry.input(description="Which bill.")
class SendBillNoticeInput:
    bill_id: strawberry.ID = strawberry.field(description="Another member's is NO_SUCH_BILL.")


@strawberry.type(description="The mail is on its way, if there are no user errors.")
class SendBillNoticePayload:
    user_errors: list[UserError] = strawberry.field(description=USER_ERRORS)


@strawberry.type
class BillNoticeMutation:
    @strawberry.mutation(
        description="Send the mail about a bill again, to all addresses of one's own."
    )
    async def send_bill_notice(
        self,
        info: Info,
        input: Input[SendBillNoticeInput],  # noqa: A002 - the contract's name
    ) -> SendBillNoticePayload:
        act = send_bill_notice(info.context, key_of("Bill", input.bill_id))
        return await done_or_refused(SendBillNoticePayload, act)
