"""Points of what is no operation of its own, from the buckets that operations take from."""

import math
from typing import TYPE_CHECKING, Final

from domain.errors import RateLimited, Unavailable
from domain.members import Session
from domain.rate_limits import Asker, Bucket

if TYPE_CHECKING:
    from resolvers.sources import Sources  # which knows `LiveStreams`, which takes points

_MINUTE: Final = 60


async def take_points(sources: "Sources", asker: Asker, name: str, points: int) -> None:
    """Take points, at most all of a minute.

    Raises RateLimited, and Unavailable for an address, who may be anybody, while Redis does not answer.
    """
    settings = sources.settings
    most = {
        Asker.MEMBER: settings.cost_per_minute_member,
        Asker.APP: settings.cost_per_minute_app,
        Asker.STAFF: settings.cost_per_minute_staff,
        Asker.ADDRESS: settings.cost_per_minute_address,
    }[asker]
    if not most:
        return
    bucket = Bucket(f"{asker}:{name}", most, _MINUTE)
    taken = await sources.buckets.take(bucket, min(points, most))
    if taken is None:
        if asker is Asker.ADDRESS:
            raise Unavailable("a database does not answer at the moment; try again")
    elif taken.missing_seconds:
        seconds = math.ceil(taken.missing_seconds)
        raise RateLimited(
            f"too much was asked for in a minute: try again after {seconds} s", seconds
        )


async def take_points_of(sources: "Sources", session: Session, points: int) -> None:
    """Take points of the member, or of the app that acts for them; raises RateLimited."""
    if session.app is None:
        await take_points(sources, Asker.MEMBER, session.member, points)
    else:
        await take_points(sources, Asker.APP, session.app.app, points)
