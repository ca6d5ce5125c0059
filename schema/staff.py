"""Staff as they see themselves, and what they may ask for."""

from typing import Annotated

import strawberry

from domain.paging import page_request
from domain.staff import Staff as StaffRecord
from domain.staff import StaffRole
from resolvers import staff_members as resolve
from resolvers.staff_members import MemberKey
from schema.arguments import After, Before, First, Last
from schema.audit import CURSOR, AuditEntry, audit_cursor, audit_entry_type
from schema.connections import Connection, connection
from schema.info import Info
from schema.member_files import DeadMessage, MemberFile, dead_message_type, member_file_type
from schema.nodes import key_of, node_id


@strawberry.input(one_of=True, description="By what a member is looked for.")
class MemberBy:
    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="As `MemberFile.id` or `AuditEntry.memberId`."
    )
    login_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="Finds who had it when they left, too."
    )
    customer_number: str | None = strawberry.field(
        default=strawberry.UNSET, description="Of a contract that the member registered."
    )
    email: str | None = strawberry.field(
        default=strawberry.UNSET, description="Any of the member's addresses."
    )

    def key(self) -> MemberKey:
        return MemberKey(
            id=key_of("Member", self.id) if self.id else None,
            login_id=self.login_id or None,
            customer_number=self.customer_number or None,
            email=self.email or None,
        )


@strawberry.type(description="Somebody who works for the company.")
class Staff:
    id: strawberry.ID = strawberry.field(description="Opaque, for `audit(staffId:)`.")
    login_id: str = strawberry.field(
        description="Never given to somebody else, as the audit log names it."
    )
    name: str = strawberry.field(description="As the operator entered it.")
    role: StaffRole = strawberry.field(description="What they may do and see.")
    portals: list[str] | None = strawberry.field(
        description="Whose members they see; null: of every portal."
    )

    @strawberry.field(
        description="Members of a portal, at most twenty. Every look is in the audit log."
    )
    async def members(
        self,
        info: Info,
        portal: Annotated[
            str,
            strawberry.argument(description="Key of one of their portals; another is FORBIDDEN."),
        ],
        by: Annotated[MemberBy, strawberry.argument(description="Exactly one of the ways.")],
    ) -> list[MemberFile]:
        found = await resolve.members(info.context, portal, by.key())
        return [member_file_type(member) for member in found]

    @strawberry.field(description="Messages that were given up, the newest first, at most 100.")
    async def dead_messages(
        self, info: Info, first: Annotated[int, strawberry.argument(description="1 to 100.")]
    ) -> list[DeadMessage]:
        limit = page_request("DeadMessage", first, None, None, None).limit
        return [
            dead_message_type(each) for each in await resolve.dead_messages(info.context, limit)
        ]

    @strawberry.field(description="What staff did and saw, the newest first.")
    async def audit(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        member_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Only what was done to this member; null is all."),
        ] = None,
        staff_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Only what this member of staff did; null is all."),
        ] = None,
    ) -> Connection[AuditEntry]:
        request = page_request(CURSOR, first, after, last, before)
        member = None if member_id is None else key_of("Member", member_id)
        staff = None if staff_id is None else key_of("Staff", staff_id)
        return connection(
            await resolve.audit_page(info.context, member, staff, request),
            audit_entry_type,
            audit_cursor,
            lambda: resolve.audit_count(info.context, member, staff),
        )


def staff_type(staff: StaffRecord) -> Staff:
    return Staff(
        id=node_id("Staff", staff.id),
        login_id=staff.login_id,
        name=staff.name,
        role=staff.role,
        portals=None if staff.portals is None else sorted(staff.portals),
    )
