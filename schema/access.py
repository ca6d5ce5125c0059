"""Who may see which field: every object type has a rule, and one check guards the owned ones.

A type without a rule stops the process at start, so that no field is ever forgotten.
"""

from enum import Enum
from typing import Any, Final

import strawberry
from graphql import GraphQLObjectType, get_named_type, is_introspection_type

from schema.execution.guards import Guarded


class Access(Enum):
    """How the fields of an object type are guarded."""

    ROOT = "its fields look objects up and check each of them in the resolver"
    OWNED = "every field needs the session of the object's owner"
    PROVEN = "as OWNED, and only when the owner has shown who they are: usage and bills (MB-8)"
    PROVEN_PART = "as PART, and only then too"
    PART = "a value without an id, reached only through an object that was checked"
    PUBLIC = "anybody may see it"


ACCESS: Final = {
    "Query": Access.ROOT,
    "Mutation": Access.ROOT,
    "Subscription": Access.ROOT,
    "Member": Access.OWNED,
    "Facility": Access.OWNED,
    "Bill": Access.PROVEN,
    "Session": Access.OWNED,
    "MemberSession": Access.OWNED,
    "Device": Access.OWNED,
    "MemberProfile": Access.PART,
    "ProfileValue": Access.PART,
    "Address": Access.PART,
    "Contract": Access.PART,
    "BillLine": Access.PROVEN_PART,
    "ReadingPeriod": Access.PROVEN_PART,
    "FacilityConnection": Access.PART,
    "FacilityEdge": Access.PART,
    "BillConnection": Access.PROVEN_PART,
    "BillEdge": Access.PROVEN_PART,
    "BillEvent": Access.PROVEN_PART,
    "ReadingPeriodConnection": Access.PROVEN_PART,
    "ReadingPeriodEdge": Access.PROVEN_PART,
    "UsageSeries": Access.PROVEN_PART,
    "UsagePoint": Access.PROVEN_PART,
    "UsageColumns": Access.PROVEN_PART,
    "UsageProfile": Access.PROVEN_PART,
    "UsageProfilePoint": Access.PROVEN_PART,
    "UsageToday": Access.PROVEN_PART,
    "RunningReadingPeriod": Access.PROVEN_PART,
    "Coverage": Access.PROVEN_PART,
    "Reading": Access.PROVEN_PART,
    "ReadingEvent": Access.PROVEN_PART,
    "Span": Access.PUBLIC,
    "PageInfo": Access.PUBLIC,
    "Portal": Access.PUBLIC,
    "Label": Access.PUBLIC,
    "TextRules": Access.PUBLIC,
    "RegistrationRules": Access.PUBLIC,
    "LoginIdRules": Access.PUBLIC,
    "PasswordRules": Access.PUBLIC,
    "EmailRules": Access.PUBLIC,
    "PostcardRules": Access.PUBLIC,
    "CourseRules": Access.PUBLIC,
    "ProofRules": Access.PUBLIC,
    "LockoutRules": Access.PUBLIC,
    "SecondFactorRules": Access.PUBLIC,
    "RecoveryRules": Access.PUBLIC,
    "ProfileChoice": Access.PUBLIC,
    "ProfileFieldRules": Access.PUBLIC,
    "ProfileRules": Access.PUBLIC,
    "WithdrawalRules": Access.PUBLIC,
    "MailKindRules": Access.PUBLIC,
    "UserError": Access.PUBLIC,
    "LogInPayload": Access.PUBLIC,
    "LogInChallenge": Access.PUBLIC,
    "LogOutPayload": Access.PUBLIC,
    "EndSessionPayload": Access.PUBLIC,
    "EndOtherSessionsPayload": Access.PUBLIC,
    "ForgetDevicePayload": Access.PUBLIC,
    "SetKeywordsPayload": Access.PUBLIC,
    "ConfirmPasswordPayload": Access.PUBLIC,
    "ChangePasswordPayload": Access.PUBLIC,
    "ChangeLoginIdPayload": Access.PUBLIC,
    "StartRegistrationPayload": Access.PUBLIC,
    "SendTestMailPayload": Access.PUBLIC,
    "CompleteRegistrationPayload": Access.PUBLIC,
    "ConfirmPostcardCodePayload": Access.PUBLIC,
    "ReissuePostcardPayload": Access.PUBLIC,
    "WithdrawPayload": Access.PUBLIC,
    "RequestPasswordResetPayload": Access.PUBLIC,
    "RequestLoginIdPayload": Access.PUBLIC,
    "ResetPasswordPayload": Access.PUBLIC,
}


def guard(schema: strawberry.Schema) -> None:
    """Put the owner check before every field of the owned types; raises LookupError without a rule."""
    for name, kind in schema._schema.type_map.items():  # noqa: SLF001 - the graphql-core schema
        if not isinstance(kind, GraphQLObjectType) or is_introspection_type(kind):
            continue
        if name not in ACCESS:
            raise LookupError(f"schema/access.py has no rule for type {name}")
        if ACCESS[name] in {Access.OWNED, Access.PROVEN}:
            for field in kind.fields.values():
                if field.resolve is None:
                    raise LookupError(f"{name} has a field without a resolver to guard")
                proven = Access.PROVEN in {ACCESS[name], _access(field.type)}
                check = _require_proven_owner if proven else _require_owner
                field.resolve = Guarded(field.resolve, check)


def _access(kind: Any) -> Access | None:
    """The rule of a field's type, as far as it matters to an object that has such a field."""
    rule = ACCESS.get(get_named_type(kind).name)
    return Access.PROVEN if rule is Access.PROVEN_PART else rule


def _require_owner(source: Any, context: Any) -> None:
    context.require_owner(source.owner)


def _require_proven_owner(source: Any, context: Any) -> None:
    context.require_owner(source.owner)
    context.require_proven()
