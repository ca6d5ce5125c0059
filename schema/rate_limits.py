"""What clients see of how much they may ask for."""

from datetime import datetime, timedelta

import strawberry

from domain.rate_limits import Asker, Standing
from schema.described import described

described(
    Asker,
    "Whose points an operation takes.",
    MEMBER="Those of the member, in all sessions.",
    APP="Those of the partner app, for all its members.",
    STAFF="Those of one of the staff.",
    ADDRESS="Those of the client address, where nobody is logged in.",
)


@strawberry.type(
    description=(
        "Points that operations take by their cost (`extensions.cost` of the answer). They come back "
        "evenly, all of them in a minute."
    )
)
class RateLimit:
    asker: Asker = strawberry.field(description="Whose points these are.")
    limit: int = strawberry.field(description="Points of a minute.")
    remaining: int = strawberry.field(
        description="Points left once this operation has taken its own."
    )
    full_at: datetime = strawberry.field(
        description="When all points are back if nothing more is asked for."
    )


def rate_limit_type(points: Standing, now: datetime) -> RateLimit:
    return RateLimit(
        asker=points.asker,
        limit=points.per_minute,
        remaining=points.remaining,
        full_at=now + timedelta(seconds=points.full_seconds),
    )
