"""The audit log as staff see it."""

from datetime import datetime
from typing import Final

import strawberry

from domain.audit import AuditAct
from domain.audit import AuditEntry as EntryRecord
from domain.paging import row_cursor
from schema.nodes import node_id

CURSOR: Final = "AuditEntry"
_SUBJECTS: Final = {
    AuditAct.MESSAGE_RESENT: "Message",
    AuditAct.STAFF_ADDED: "Staff",
    AuditAct.STAFF_PASSWORD_SET: "Staff",
    AuditAct.STAFF_ENDED: "Staff",
}
"What `subjectId` is the id of."


@strawberry.type(description="Something that staff did or saw. It is kept for ever.")
class AuditEntry:
    id: strawberry.ID = strawberry.field(description="Opaque.")
    at: datetime = strawberry.field(description="When it was done.")
    act: AuditAct = strawberry.field(description="What was done.")
    staff_id: strawberry.ID | None = strawberry.field(
        description="Who; null for the operator at the command line."
    )
    staff_login_id: str | None = strawberry.field(
        description="Of who, as it was then; null for the operator."
    )
    portal: str | None = strawberry.field(
        description="Key of the portal; null of what concerns none."
    )
    member_id: strawberry.ID | None = strawberry.field(
        description="To whom; null of what concerns no member."
    )
    subject_id: strawberry.ID | None = strawberry.field(
        description="The message, or the account of staff, that it was done to; null of other acts."
    )
    reason: str | None = strawberry.field(
        description="As given with a removal or an end; null of other acts."
    )
    note: str | None = strawberry.field(description="As entered by who did it; null without one.")


def audit_entry_type(entry: EntryRecord) -> AuditEntry:
    record = entry.record
    return AuditEntry(
        id=node_id("AuditEntry", entry.id),
        at=record.at,
        act=record.act,
        staff_id=_id("Staff", record.staff),
        staff_login_id=record.login_id,
        portal=record.portal,
        member_id=_id("Member", record.member),
        subject_id=_id(_SUBJECTS.get(record.act, ""), record.subject),
        reason=record.reason,
        note=record.note,
    )


def audit_cursor(entry: EntryRecord) -> str:
    return row_cursor(CURSOR, entry.id)


def _id(kind: str, key: str | None) -> strawberry.ID | None:
    return None if key is None else node_id(kind, key)
