"""How many items the lists of an answer can have: a page what it asks for, a series what it holds.

A list without a bound of its own has a generous one here. A test fails for a list that is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from graphql import GraphQLSchema, get_nullable_type, is_list_type, is_object_type

from domain.paging import MAX_PAGE
from domain.slots import SLOTS_PER_DAY
from domain.usage import Resolution
from domain.usage_span import MAX_DAYS, MAX_DAYS_OF_FEW_POINTS
from schema.limits.amounts import Amount, total

Given = Callable[..., Amount]
"Given a function and names of a field's arguments: what it makes of their values."


@dataclass(frozen=True, slots=True)
class Within:
    """What the fields above say of how much is below them."""

    page: Amount = MAX_PAGE
    gaps: Amount = 0
    points: Amount = 0


Size = int | Callable[[Given, Within], Amount]

_HALF_HOUR_SECONDS: Final = 1800
_PERIODS: Final[Mapping[Resolution, int]] = {
    Resolution.HALF_HOUR: 1,
    Resolution.HOUR: 2,
    Resolution.WEEK: 7 * SLOTS_PER_DAY,
    Resolution.MONTH: 28 * SLOTS_PER_DAY,
    Resolution.YEAR: 365 * SLOTS_PER_DAY,
}
"Half hours of the shortest point; of all others that is a day."
_LONGER: Final = 3 * SLOTS_PER_DAY
"Half hours that the same dates of an earlier month may have more."
_PROFILE_POINTS: Final = SLOTS_PER_DAY
_POLICY: Final = 50
"More than a portal's policy has of anything."
_FORM: Final = 100
"As many values as a form may have, and reasons why it is refused."


def _page(_: Given, within: Within) -> Amount:
    return within.page


def _points(_: Given, within: Within) -> Amount:
    return within.points


def _gaps(_: Given, within: Within) -> Amount:
    return within.gaps


SIZES: Final[Mapping[str, Size]] = {
    "Query.nodes": lambda given, _: given(_page_of_ids, "ids"),
    "Query.postalCode": 100,
    "Member.emails": _POLICY,
    "Member.mailPreferences": _POLICY,
    "Member.duties": _POLICY,
    "Member.sessions": 100,
    "Member.devices": 100,
    "Member.externalLogIns": _POLICY,
    "Member.terms": _POLICY,
    "MemberProfile.fields": _POLICY,
    "Session.duties": _POLICY,
    "Facility.contracts": 100,
    "UsageSeries.points": _points,
    "UsageColumns.startAt": _points,
    "UsageColumns.kwh": _points,
    "UsageColumns.yen": _points,
    "UsageColumns.quality": _points,
    "Coverage.missing": _gaps,
    "UsageProfile.points": _PROFILE_POINTS,
    "Bill.lines": 100,
    "Bill.revisions": 20,
    "BillRevision.lines": 100,
    "Invoice.bills": 500,
    "PaymentCertificate.bills": 500,
    "PlanSimulation.plans": _POLICY,
    "PlanSimulation.unpriced": _POLICY,
    "SimulatedPlan.bands": 20,
    "Staff.portals": _POLICY,
    "Staff.members": 20,
    "Staff.deadMessages": lambda given, _: given(_page_size, "first"),
    "MemberFile.emails": _POLICY,
    "MemberFile.customerNumbers": 100,
    "MemberFile.registrations": 20,
    "MemberFile.tries": 20,
    "MemberFile.messages": 20,
    "MemberFile.acts": 20,
    "ProofRules.matches": _POLICY,
    "ProofRules.courses": 10,
    "CourseRules.paymentMethods": 10,
    "RecoveryRules.ways": 10,
    "RecoveryRules.questions": _POLICY,
    "ProfileRules.fields": _POLICY,
    "ProfileRules.oneOf": _POLICY,
    "ProfileFieldRules.choices": _POLICY,
    "BillingRules.plans": _POLICY,
    "BillingRules.closed": _POLICY,
    "BillingRules.noBillMail": _POLICY,
    "CertificateRules.excludedMethods": 10,
    "TermsDocument.coming": 10,
    "Portal.externalProviders": 20,
    "Portal.firstLogin": 10,
    "Portal.terms": 20,
    "Portal.mailKinds": 20,
    "UserError.field": 5,
    "Consent.facilityIds": 1000,
    "Consent.scopes": 10,
    "App.scopes": 10,
    "App.redirectUris": _POLICY,
    "App.origins": _POLICY,
    "App.webhooks": _POLICY,
    "AppConsent.facilityIds": 1000,
    "AppConsent.scopes": 10,
    "Webhook.events": 10,
}
"Those of fields with these names are said below."

_BY_NAME: Final[Mapping[str, Size]] = {
    "edges": _page,
    "nodes": _page,
    "userErrors": 3,
    "duties": 10,
}
_FORMS: Final = frozenset(
    {
        "CompleteRegistrationPayload",
        "CompleteProfilePayload",
        "UpdateProfilePayload",
        "SetMailPreferencesPayload",
        "SetKeywordsPayload",
    }
)
"Their user errors may tell of each value of a form; others tell of the first thing that is wrong."


def size_of(parent: str, field: str) -> Size:
    """Size of a list field."""
    known = _known(parent, field)
    return MAX_PAGE if known is None else known


def _known(parent: str, field: str) -> Size | None:
    if field == "userErrors" and parent in _FORMS:
        return _FORM
    return SIZES.get(f"{parent}.{field}", _BY_NAME.get(field))


def unsized(schema: GraphQLSchema) -> list[str]:
    """List fields of which nothing is said; there are none."""
    return [
        f"{name}.{field_name}"
        for name, kind in schema.type_map.items()
        if is_object_type(kind) and not name.startswith("__")
        for field_name, field in kind.fields.items()
        if is_list_type(get_nullable_type(field.type)) and _known(name, field_name) is None
    ]


def within_field(parent: str, field: str, arguments: Any, given: Given, within: Within) -> Within:
    """What holds below a field."""
    if "first" in arguments and "last" in arguments:
        return replace(within, page=given(_page_size, "first", "last"))
    if parent == "Facility" and field == "usage":
        return Within(
            gaps=given(_gap_count, "from", "to", "resolution"),
            points=given(_point_count, "from", "to", "resolution"),
        )
    if field == "comparedWith":
        return replace(
            within,
            gaps=total((within.gaps, _LONGER)),
            points=total((within.points, _LONGER)),
        )
    return within


def work_of(parent: str, field: str, given: Given) -> Amount:
    """What a field costs beside what is below it: as much as it takes longer than others do."""
    if parent == "Mutation":
        return 10
    if parent == "Subscription" and field != "usageToday":
        return given(len, "facilityIds")
    if parent == "Facility" and field in {"usage", "usageProfile"}:
        return given(_weeks, "from", "to")
    return _WORK.get(f"{parent}.{field}", 0)


_WORK: Final[Mapping[str, int]] = {
    "Query.simulatePlans": 2000,
    "UsageSeries.comparedWith": 100,
    "Facility.today": 10,
    "Subscription.usageToday": 10,
}
"A comparison of plans takes a core as long as a series of some thousand points."


def _page_size(first: int | None, last: int | None = None) -> int:
    """A larger page is refused."""
    asked = last if first is None else first
    return min(max(asked or 0, 0), MAX_PAGE)


def _page_of_ids(ids: Any) -> int:
    return min(len(ids), MAX_PAGE) if isinstance(ids, list) else 1


@lru_cache(1000)
def _gap_count(start: datetime, end: datetime, resolution: Resolution) -> int:
    """Every other half hour may be missing."""
    return (_half_hours(start, end, resolution) + 1) // 2


def _half_hours(start: datetime, end: datetime, resolution: Resolution) -> int:
    """Half hours that begin in a span, as far as one of so many points is answered."""
    most = (MAX_DAYS.get(resolution, MAX_DAYS_OF_FEW_POINTS) + 1) * SLOTS_PER_DAY
    return min(max(_slots(start, end), 0), most)


@lru_cache(1000)
def _point_count(start: datetime, end: datetime, resolution: Resolution) -> int:
    half_hours = _half_hours(start, end, resolution)
    period = _PERIODS.get(resolution, SLOTS_PER_DAY)
    return half_hours if period == 1 else half_hours // period + 2


@lru_cache(1000)
def _weeks(start: datetime, end: datetime) -> int:
    """A point for every week that is read."""
    most = MAX_DAYS_OF_FEW_POINTS * SLOTS_PER_DAY
    return min(max(_slots(start, end), 0), most) // (7 * SLOTS_PER_DAY) + 1


def _slots(start: datetime, end: datetime) -> int:
    """Half hours of a span, begun ones too."""
    span = end - start
    return (span.days * 86_400 + span.seconds + _HALF_HOUR_SECONDS - 1) // _HALF_HOUR_SECONDS
