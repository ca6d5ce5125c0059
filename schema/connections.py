"""Relay connections over pages."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import strawberry

from domain.paging import Page

NodeType = TypeVar("NodeType")
Row = TypeVar("Row")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether anything follows `endCursor`.")
    has_previous_page: bool = strawberry.field(
        description="Whether anything comes before `startCursor`."
    )
    start_cursor: str | None = strawberry.field(
        description="For `before`, with `last`; null of an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="For `after`, with `first`; null of an empty page."
    )


@strawberry.type(description="A node, and where it is in its list.")
class Edge(Generic[NodeType]):
    node: NodeType = strawberry.field(description="What is listed.")
    cursor: str = strawberry.field(
        description="Opaque, for `after` or `before` of this list; it stays good when others go."
    )


@strawberry.type(description="A page of a list, by `first` and `after` or `last` and `before`.")
class Connection(Generic[NodeType]):
    edges: list[Edge[NodeType]] = strawberry.field(description="In the order of the list.")
    page_info: PageInfo = strawberry.field(description="Whether there is more, and where.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="The nodes of `edges`.")
    def nodes(self) -> list[NodeType]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="How many there are over all pages.")
    async def total_count(self) -> int:
        return await self.count()


def connection(
    page: Page[Row],
    node: Callable[[Row], NodeType],
    cursor: Callable[[Row], str],
    count: Callable[[], Awaitable[int]],
) -> Connection[NodeType]:
    """Connection of a page; `count` is only asked if the client asks."""
    edges: list[Edge[NodeType]] = [Edge(node=node(row), cursor=cursor(row)) for row in page.rows]
    return Connection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        count=count,
    )
