"""Who may see which field: every object type has a rule, and one check guards the owned ones.

A type without a rule stops the process at start, so that no field is ever forgotten.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

import strawberry
from graphql import GraphQLObjectType, get_named_type, is_introspection_type

from schema.execution.guards import Guarded
from schema.scopes import Rule, consent_check, opening


class Access(Enum):
    """How the fields of an object type are guarded."""

    ROOT = "its fields look objects up and check each of them in the resolver"
    OWNED = "every field needs the session of the object's owner"
    PROVEN = "as OWNED, and only when the owner has shown who they are: usage and bills (MB-8)"
    PROVEN_PART = (
        "as PART, and only then too; of a facility when its usage and bills are open (FA-4)"
    )
    APP = "every field needs a token of the app's own"
    STAFF = "every field needs a session of staff, whose rights the resolvers check"
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
    "ExternalLogIn": Access.OWNED,
    "MemberProfile": Access.PART,
    "ProfileValue": Access.PART,
    "MailPreference": Access.PART,
    "Address": Access.PART,
    "Contract": Access.PART,
    "BillLine": Access.PROVEN_PART,
    "BillRevision": Access.PROVEN_PART,
    "Invoice": Access.PROVEN,
    "InvoiceConnection": Access.PROVEN_PART,
    "InvoiceEdge": Access.PROVEN_PART,
    "PaymentCertificate": Access.PROVEN,
    "PaymentCertificateConnection": Access.PROVEN_PART,
    "PaymentCertificateEdge": Access.PROVEN_PART,
    "CertifiedBill": Access.PROVEN_PART,
    "Payment": Access.PROVEN_PART,
    "ReadingPeriod": Access.PROVEN_PART,
    "FacilityConnection": Access.PART,
    "FacilityEdge": Access.PART,
    "BillConnection": Access.PROVEN_PART,
    "BillEdge": Access.PROVEN_PART,
    "BillEvent": Access.PROVEN_PART,
    "ReadingPeriodConnection": Access.PROVEN_PART,
    "ReadingPeriodEdge": Access.PROVEN_PART,
    "UsageSeries": Access.PROVEN_PART,
    "Download": Access.PROVEN_PART,
    "UsagePoint": Access.PROVEN_PART,
    "UsageColumns": Access.PROVEN_PART,
    "UsageProfile": Access.PROVEN_PART,
    "UsageProfilePoint": Access.PROVEN_PART,
    "UsageToday": Access.PROVEN_PART,
    "PlanSimulation": Access.PROVEN_PART,
    "SimulatedPlan": Access.PROVEN_PART,
    "SimulatedBand": Access.PROVEN_PART,
    "LoadShift": Access.PROVEN_PART,
    "UnpricedPlan": Access.PROVEN_PART,
    "RunningReadingPeriod": Access.PROVEN_PART,
    "Coverage": Access.PROVEN_PART,
    "Reading": Access.PROVEN_PART,
    "ReadingEvent": Access.PROVEN_PART,
    "App": Access.APP,
    "AppConsent": Access.APP,
    "Webhook": Access.APP,
    "WebhookFailure": Access.PART,
    "CreateWebhookPayload": Access.PUBLIC,
    "UpdateWebhookPayload": Access.PUBLIC,
    "ResumeWebhookPayload": Access.PUBLIC,
    "DeleteWebhookPayload": Access.PUBLIC,
    "TestWebhookPayload": Access.PUBLIC,
    "AppConsentConnection": Access.PART,
    "AppConsentEdge": Access.PART,
    "Consent": Access.OWNED,
    "ConsentConnection": Access.PART,
    "ConsentEdge": Access.PART,
    "ConsentApp": Access.PART,
    "AppAccess": Access.PART,
    "AppAccessConnection": Access.PART,
    "AppAccessEdge": Access.PART,
    "WithdrawConsentPayload": Access.PUBLIC,
    "Staff": Access.STAFF,
    "StaffSession": Access.STAFF,
    "MemberFile": Access.STAFF,
    "MemberHistory": Access.STAFF,
    "MemberRegistration": Access.STAFF,
    "MemberTries": Access.STAFF,
    "MemberPostcard": Access.STAFF,
    "MemberMessage": Access.STAFF,
    "DeadMessage": Access.STAFF,
    "AuditEntry": Access.STAFF,
    "AuditEntryConnection": Access.STAFF,
    "AuditEntryEdge": Access.STAFF,
    "Span": Access.PUBLIC,
    "RateLimit": Access.PUBLIC,
    "PageInfo": Access.PUBLIC,
    "PostalArea": Access.PUBLIC,
    "PlaceName": Access.PUBLIC,
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
    "ExternalProvider": Access.PUBLIC,
    "RecoverLoginIdPayload": Access.PUBLIC,
    "RecoverPasswordPayload": Access.PUBLIC,
    "SetRecoveryAnswerPayload": Access.PUBLIC,
    "RecoveryQuestion": Access.PUBLIC,
    "ProfileChoice": Access.PUBLIC,
    "ProfileFieldRules": Access.PUBLIC,
    "ProfileRules": Access.PUBLIC,
    "WithdrawalRules": Access.PUBLIC,
    "BillingRules": Access.PUBLIC,
    "CertificateRules": Access.PUBLIC,
    "MailKindRules": Access.PUBLIC,
    "TermsDocument": Access.PUBLIC,
    "TermsVersion": Access.PUBLIC,
    "MemberTerms": Access.PART,
    "AcceptTermsPayload": Access.PUBLIC,
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
    "StartExternalLogInPayload": Access.PUBLIC,
    "LinkExternalLogInPayload": Access.PUBLIC,
    "UnlinkExternalLogInPayload": Access.PUBLIC,
    "StartRegistrationPayload": Access.PUBLIC,
    "SendTestMailPayload": Access.PUBLIC,
    "CompleteRegistrationPayload": Access.PUBLIC,
    "ConfirmPostcardCodePayload": Access.PUBLIC,
    "ReissuePostcardPayload": Access.PUBLIC,
    "ConfirmContractPhonePayload": Access.PUBLIC,
    "CompleteProfilePayload": Access.PUBLIC,
    "WithdrawPayload": Access.PUBLIC,
    "StaffLogInPayload": Access.PUBLIC,
    "StaffLogOutPayload": Access.PUBLIC,
    "StaffChangePasswordPayload": Access.PUBLIC,
    "StaffUnlockMemberPayload": Access.PUBLIC,
    "StaffReissuePostcardPayload": Access.PUBLIC,
    "StaffRemoveRegistrationPayload": Access.PUBLIC,
    "StaffEndMembershipPayload": Access.PUBLIC,
    "StaffResendMessagePayload": Access.PUBLIC,
    "ChangeEmailPayload": Access.PUBLIC,
    "AddEmailPayload": Access.PUBLIC,
    "RemoveEmailPayload": Access.PUBLIC,
    "ConfirmEmailChangePayload": Access.PUBLIC,
    "UpdateProfilePayload": Access.PUBLIC,
    "SetMailPreferencesPayload": Access.PUBLIC,
    "SendBillNoticePayload": Access.PUBLIC,
    "RequestPasswordResetPayload": Access.PUBLIC,
    "RequestLoginIdPayload": Access.PUBLIC,
    "ResetPasswordPayload": Access.PUBLIC,
    "IssuePaymentCertificatePayload": Access.PUBLIC,
}

Check = Callable[[Any, Any], None]
"Raises KenshinError unless the field of a source may be shown in a context."

_FACILITY_OF: Final[Mapping[str, Callable[[Any], int]]] = {
    "Facility": lambda source: int(source.record.number),
    "Bill": lambda source: int(source.record.facility),
}
"Of which facility objects are, by type; those of other types are of none."

ON_DUTY: Final = frozenset(
    {
        ("Session", "accessToken"),
        ("Session", "refreshToken"),
        ("Session", "expiresAt"),
        ("Session", "duties"),
        ("Session", "member"),
        ("Member", "id"),
        ("Member", "duties"),
    }
)
"The owned fields that are shown while duties of the first log-in are open: none that tells of anybody."


def guard(schema: strawberry.Schema) -> None:
    """Put a check before every field of the owned types and those of staff.

    Raises LookupError for a type without a rule.
    """
    for name, kind in schema._schema.type_map.items():  # noqa: SLF001 - the graphql-core schema
        if not isinstance(kind, GraphQLObjectType) or is_introspection_type(kind):
            continue
        if name not in ACCESS:
            raise LookupError(f"schema/access.py has no rule for type {name}")
        for field_name, field in kind.fields.items():
            check = _check(name, field_name, field.type)
            if check is None:
                continue
            if field.resolve is None:
                raise LookupError(f"{name} has a field without a resolver to guard")
            field.resolve = Guarded(field.resolve, check)


def _check(name: str, field_name: str, kind: Any) -> Check | None:
    """What is checked before a field of a type; None if it is checked elsewhere, or not at all."""
    match ACCESS[name]:
        case Access.STAFF:
            return _require_staff
        case Access.APP:
            return _require_own_app
        case Access.OWNED | Access.PROVEN:
            return _with_consent(name, field_name, _owner_check(name, field_name, kind))
        case Access.ROOT if opening(name, field_name) is Rule.NEVER:
            return _refuse_apps(field_name)
    return None


def _owner_check(name: str, field_name: str, kind: Any) -> Check:
    """What is checked of who owns the object, whoever asks."""
    if (name, field_name) in ON_DUTY:
        return _require_owner_on_duty
    proven = Access.PROVEN in {ACCESS[name], _access(kind)}
    if proven and name == "Facility":
        return _require_open_facility
    return _require_proven_owner if proven else _require_owner


def _access(kind: Any) -> Access | None:
    """The rule of a field's type, as far as it matters to an object that has such a field."""
    rule = ACCESS.get(get_named_type(kind).name)
    return Access.PROVEN if rule is Access.PROVEN_PART else rule


def _with_consent(name: str, field_name: str, owner_check: Check) -> Check:
    """That check, and of an app what the member's consent opens (AP-4)."""
    facility_of = _FACILITY_OF.get(name, lambda _: None)
    consented = consent_check(name, field_name, facility_of)

    def check(source: Any, context: Any) -> None:
        owner_check(source, context)
        if context.session.app is not None:
            context.require_owner(source.owner, facility_of(source))
            consented(source, context)

    return check


def _refuse_apps(field_name: str) -> Check:
    def check(_: Any, context: Any) -> None:
        context.refuse_app(field_name)

    return check


def _require_own_app(source: Any, context: Any) -> None:
    context.require_own_app(source.app_id)


def _require_staff(_: Any, context: Any) -> None:
    context.require_staff()


def _require_owner_on_duty(source: Any, context: Any) -> None:
    context.require_owner(source.owner)


def _require_owner(source: Any, context: Any) -> None:
    context.require_owner(source.owner)
    context.require_duties_done()


def _require_proven_owner(source: Any, context: Any) -> None:
    _require_owner(source, context)
    context.require_proven()


def _require_open_facility(source: Any, context: Any) -> None:
    _require_proven_owner(source, context)
    context.require_open(source.record)
