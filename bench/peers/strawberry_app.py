"""Strawberry as it comes, over prebuilt objects."""

from datetime import datetime
from typing import Annotated, Any, Final

import strawberry
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL

from bench.peers.home import HalfHour, read_home
from domain.readings import Direction, Quality
from domain.usage import Resolution

Info = strawberry.Info[dict[str, Any], None]

for kind in (Direction, Quality, Resolution):
    strawberry.enum(kind)


@strawberry.type
class UsagePoint:
    start_at: datetime
    end_at: datetime
    kwh: float | None
    yen: float | None
    quality: Quality

    @classmethod
    def of(cls, row: HalfHour) -> "UsagePoint":
        return cls(
            start_at=row.start_at,
            end_at=row.end_at,
            kwh=row.kwh,
            yen=None,
            quality=row.quality,
        )


@strawberry.type
class UsageSeries:
    points: list[UsagePoint]


@strawberry.type
class Facility:
    id: strawberry.ID
    owner: strawberry.Private[str]

    @strawberry.field
    def usage(
        self,
        from_: Annotated[datetime, strawberry.argument(name="from")],
        to: datetime,
        resolution: Resolution = Resolution.HALF_HOUR,  # noqa: ARG002 - one is measured
        direction: Direction = Direction.IMPORT,  # noqa: ARG002 - the same
    ) -> UsageSeries:
        return UsageSeries(points=_POINTS[_HOME.places(from_, to)])


@strawberry.type
class Query:
    @strawberry.field
    def facility(self, info: Info, id: strawberry.ID) -> Facility | None:  # noqa: A002 - as clients name it
        member = _MEMBERS.get(info.context["request"].headers.get("authorization"))
        facility = _FACILITIES.get(id)
        if member is None or facility is None or facility.owner != member:
            raise LookupError("NOT_FOUND")
        return facility


_HOME: Final = read_home()
_MEMBERS: Final = _HOME.members
_FACILITIES: Final = {
    _HOME.facility: Facility(id=strawberry.ID(_HOME.facility), owner=_HOME.member)
}
_POINTS: Final = [UsagePoint.of(row) for row in _HOME.half_hours]

app = Starlette(routes=[Route("/graphql", GraphQL(strawberry.Schema(Query)))])
