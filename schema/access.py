"""Who may see which field: every object type has a rule, and one check guards the owned ones.

A type without a rule stops the process at start, so that no field is ever forgotten.
"""

from enum import Enum
from typing import Any, Final

import strawberry
from graphql import GraphQLObjectType, is_introspection_type

from schema.execution.guards import Guarded


class Access(Enum):
    """How the fields of an object type are guarded."""

    ROOT = "its fields look objects up and check each of them in the resolver"
    OWNED = "every field needs the session of the object's owner"
    PART = "a value without an id, reached only through an object that was checked"
    PUBLIC = "anybody may see it"


ACCESS: Final = {
    "Query": Access.ROOT,
    "Mutation": Access.ROOT,
    "Subscription": Access.ROOT,
    "Member": Access.OWNED,
    "Facility": Access.OWNED,
    "Bill": Access.OWNED,
    "Session": Access.OWNED,
    "MemberProfile": Access.PART,
    "Address": Access.PART,
    "Contract": Access.PART,
    "BillLine": Access.PART,
    "ReadingPeriod": Access.PART,
    "FacilityConnection": Access.PART,
    "FacilityEdge": Access.PART,
    "BillConnection": Access.PART,
    "BillEdge": Access.PART,
    "BillEvent": Access.PART,
    "ReadingPeriodConnection": Access.PART,
    "ReadingPeriodEdge": Access.PART,
    "UsageSeries": Access.PART,
    "UsagePoint": Access.PART,
    "UsageColumns": Access.PART,
    "UsageProfile": Access.PART,
    "UsageProfilePoint": Access.PART,
    "UsageToday": Access.PART,
    "RunningReadingPeriod": Access.PART,
    "Coverage": Access.PART,
    "Reading": Access.PART,
    "ReadingEvent": Access.PART,
    "Span": Access.PUBLIC,
    "PageInfo": Access.PUBLIC,
    "Portal": Access.PUBLIC,
    "UserError": Access.PUBLIC,
    "LogInPayload": Access.PUBLIC,
    "LogInChallenge": Access.PUBLIC,
    "LogOutPayload": Access.PUBLIC,
}


def guard(schema: strawberry.Schema) -> None:
    """Put the owner check before every field of the owned types; raises LookupError without a rule."""
    for name, kind in schema._schema.type_map.items():  # noqa: SLF001 - the graphql-core schema
        if not isinstance(kind, GraphQLObjectType) or is_introspection_type(kind):
            continue
        if name not in ACCESS:
            raise LookupError(f"schema/access.py has no rule for type {name}")
        if ACCESS[name] is Access.OWNED:
            for field in kind.fields.values():
                if field.resolve is None:
                    raise LookupError(f"{name} has a field without a resolver to guard")
                field.resolve = Guarded(field.resolve, _require_owner)


def _require_owner(source: Any, context: Any) -> None:
    context.require_owner(source.owner)
