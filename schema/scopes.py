"""What a consent opens to a partner's app (AP-4): a row for every field that somebody owns.

A field without a row is open to no app, and a test says so. Rows of root fields are kept by their
resolvers where they name scopes: what such a field shows is checked there too.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Final

from domain.consents import Scope
from domain.errors import ConsentRequired

LIVE: Final = frozenset({Scope.USAGE_LIVE})
USAGE: Final = frozenset({Scope.USAGE_READ})
ANY_USAGE: Final = frozenset({Scope.USAGE_READ, Scope.USAGE_LIVE})
BILLS: Final = frozenset({Scope.BILLS_READ})
PROFILE: Final = frozenset({Scope.PROFILE_READ})


class Rule(Enum):
    """What is no matter of scopes."""

    ANY = "whatever the consent gives: it only names things, or what it shows is checked by itself"
    OPEN = "it shows nothing of a member's"
    OWN = "an app asks for itself, with its own token"
    NEVER = "no consent opens it"


Opening = Rule | frozenset[Scope]


def _rows(kind: str, opening: Opening, fields: str) -> dict[tuple[str, str], Opening]:
    return {(kind, field): opening for field in fields.split()}


SCOPES: Final[Mapping[tuple[str, str], Opening]] = {
    **_rows("Query", Rule.ANY, "node nodes viewer facility"),
    **_rows("Query", Rule.OPEN, "postalCode portal rateLimit"),
    **_rows("Query", Rule.OWN, "app"),
    **_rows("Query", Rule.NEVER, "staff"),
    **_rows("Query", USAGE, "simulatePlans"),
    **_rows("Subscription", LIVE, "readings usageToday"),
    **_rows("Subscription", BILLS, "billPublished"),
    **_rows("Member", Rule.ANY, "id facilities"),
    **_rows("Member", BILLS, "bills"),
    **_rows("Member", PROFILE, "state profile leavesAt emails"),
    **_rows("Member", Rule.NEVER, "loginId hasKeywords hasRecoveryAnswer recoveryQuestion"),
    **_rows("Member", Rule.NEVER, "mailPreferences duties sessions devices externalLogIns terms"),
    **_rows("Member", Rule.NEVER, "consents"),
    # An invoice is of all facilities of a group, a certificate names the payer: no consent means them.
    **_rows("Member", Rule.NEVER, "paymentCertificates invoices"),
    **_rows("Facility", Rule.ANY, "id name"),
    **_rows("Facility", PROFILE, "supplyPointNumber customerNumber area address"),
    **_rows("Facility", PROFILE, "contracts contractsAvailable"),
    **_rows("Facility", USAGE, "readingPeriods usage usageProfile"),
    **_rows("Facility", ANY_USAGE, "latestReading today"),
    **_rows("Facility", BILLS, "bills"),
    **_rows("Bill", BILLS, "id number facilityId kind contractNumber plan revision source"),
    **_rows("Bill", BILLS, "periodStartOn periodEndOn readOn usageKwh usageM3 estimatedKwh"),
    **_rows("Bill", BILLS, "amountYen taxPercent taxYen lines pointsRestYen issuedOn availableOn"),
    **_rows("Bill", BILLS, "dueOn invoiceId payment paymentState paidOn download revisions"),
}

NEVER_TYPES: Final = frozenset(
    {
        *("Session", "MemberSession", "Device", "ExternalLogIn"),
        *("Invoice", "PaymentCertificate", "Consent"),
    }
)
"Owned types all of whose fields are open to no app."

OWN_MUTATIONS: Final = frozenset(
    {"createWebhook", "updateWebhook", "resumeWebhook", "deleteWebhook", "testWebhook"}
)
"Mutations of apps that act for themselves; no other is open to an app."


def opening(kind: str, field: str) -> Opening:
    """What opens a field to an app."""
    if kind == "Mutation":
        return Rule.OWN if field in OWN_MUTATIONS else Rule.NEVER
    return Rule.NEVER if kind in NEVER_TYPES else SCOPES.get((kind, field), Rule.NEVER)


def consent_check(
    kind: str, field: str, facility_of: Callable[[Any], int | None]
) -> Callable[[Any, Any], None]:
    """What is checked before a field of an owned type that an app asks for."""
    what, rule = f"{kind}.{field}", opening(kind, field)
    if rule is Rule.ANY:

        def note(source: Any, context: Any) -> None:
            context.seen.add((None, facility_of(source)))

        return note
    if isinstance(rule, Rule):

        def refuse(_: Any, __: Any) -> None:
            raise ConsentRequired(f"{what} is open to no app")

        return refuse
    scopes = in_order(rule)

    def require(source: Any, context: Any) -> None:
        context.require_scope(what, *scopes, facility=facility_of(source))

    return require


def in_order(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """Scopes in the order in which they are declared."""
    given = frozenset(scopes)
    return tuple(scope for scope in Scope if scope in given)
