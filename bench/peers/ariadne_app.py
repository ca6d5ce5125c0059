"""Ariadne as it comes, over prebuilt dicts or over MongoDB."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ariadne import ObjectType, QueryType, ScalarType, make_executable_schema
from ariadne.asgi import GraphQL
from graphql import GraphQLResolveInfo

from bench.peers.ariadne_sources import MemorySource, MongoSource, Row, Source

_SCHEMA: Final = Path(__file__).with_name("schema.graphql")
_QUERY: Final = QueryType()
_FACILITY: Final = ObjectType("Facility")
_DATE_TIME: Final = ScalarType("DateTime", value_parser=datetime.fromisoformat)


def _source() -> Source:
    return MongoSource() if os.environ.get("PEER_MONGODB_URL") else MemorySource()


_SOURCE: Final = _source()


@_QUERY.field("facility")
async def facility(_: None, info: GraphQLResolveInfo[Any], id: str) -> Row:  # noqa: A002 - as clients name it
    found = await _SOURCE.facility(info.context["request"].headers.get("authorization"), id)
    if found is None:
        raise LookupError("NOT_FOUND")
    return found


@_FACILITY.field("usage")
async def usage(
    found: Row, _info: GraphQLResolveInfo[Any], *, to: datetime, **arguments: Any
) -> Row:
    return {"points": await _SOURCE.points(found, arguments["from"], to)}


app = GraphQL(make_executable_schema(_SCHEMA.read_text(), _QUERY, _FACILITY, _DATE_TIME))
