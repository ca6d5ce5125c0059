"""Outside accounts that are linked to a member, as clients see them."""

from datetime import datetime

import strawberry

from domain.external_log_in import ExternalLogIn as ExternalLogInRecord
from schema.nodes import node_id


@strawberry.type(description="An outside account that logs in as the member.")
class ExternalLogIn:
    record: strawberry.Private[ExternalLogInRecord]
    id: strawberry.ID = strawberry.field(description="For `unlinkExternalLogIn`.")
    provider: str = strawberry.field(description="Key of one of `Portal.externalProviders`.")
    linked_at: datetime = strawberry.field(description="When the member linked it.")
    used_at: datetime | None = strawberry.field(
        description="The last log-in with it; null if there was none."
    )

    @property
    def owner(self) -> str:
        return self.record.member


def external_log_in_type(record: ExternalLogInRecord) -> ExternalLogIn:
    return ExternalLogIn(
        record=record,
        id=node_id("ExternalLogIn", record.id),
        provider=record.provider,
        linked_at=record.linked_at,
        used_at=record.used_at,
    )
