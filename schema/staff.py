"""Staff as they see themselves, and what they may ask for."""

import strawberry

from domain.paging import page_request
from domain.staff import Staff as StaffRecord
from domain.staff import StaffRole
from resolvers import staff_members as resolve
from resolvers.staff_members import MemberKey
from schema.audit import CURSOR, AuditEntry, audit_cursor, audit_entry_type
from schema.connections import Connection, connection
from schema.info import Info
from schema.member_files import DeadMessage, MemberFile, dead_message_type, member_file_type
from schema.nodes import key_of, node_id


@strawberry.input(one_of=True, description="By what a member is looked for.")
class MemberBy:
    id: strawberry.ID | None = strawberry.UNSET
    login_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="Finds who had it when they left, too."
    )
    customer_number: str | None = strawberry.UNSET
    email: str | None = strawberry.UNSET

    def key(self) -> MemberKey:
        return MemberKey(
            id=key_of("Member", self.id) if self.id else None,
            login_id=self.login_id or None,
            customer_number=self.customer_number or None,
            email=self.email or None,
        )


@strawberry.type(description="Somebody who works for the company.")
class Staff:
    id: strawberry.ID
    login_id: str
    name: str
    role: StaffRole
    portals: list[str] | None = strawberry.field(
        description="Whose members they see; null: of every portal."
    )

    @strawberry.field(
        description="Members of a portal, at most twenty. Every look is in the audit log."
    )
    async def members(self, info: Info, portal: str, by: MemberBy) -> list[MemberFile]:
        found = await resolve.members(info.context, portal, by.key())
        return [member_file_type(member) for member in found]

    @strawberry.field(description="Messages that were given up, the newest first, at most 100.")
    async def dead_messages(self, info: Info, first: int) -> list[DeadMessage]:
        limit = page_request("DeadMessage", first, None, None, None).limit
        return [
            dead_message_type(each) for each in await resolve.dead_messages(info.context, limit)
        ]

    @strawberry.field(description="What staff did and saw, the newest first.")
    async def audit(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        member_id: strawberry.ID | None = None,
        staff_id: strawberry.ID | None = None,
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
