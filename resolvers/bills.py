"""Bills of a facility and of a member, within the portal's history and from the day they come out."""

from dataclasses import replace
from datetime import date, timedelta

from datasources.bill_revisions import EarlierBill
from datasources.bills import BillChoice
from domain.billing_policy import DetailsOpen
from domain.bills import Bill, Payment, PaymentState
from domain.business_days import result_available_on
from domain.consents import Scope
from domain.errors import BadInput, NotFound, NotYetAvailable
from domain.facilities import ContractKind, Facility
from domain.members import Member
from domain.paging import Page, PageRequest
from domain.slots import date_at
from resolvers.context import RequestContext


async def bill(context: RequestContext, bill_id: str) -> Bill:
    """A bill of who asks, as far back as lists show it (BI-1).

    Raises NotYetAvailable before the day that policy says (BI-3), and NotFound for any other.
    """
    await context.require_session()
    found = await context.loaders.bill(bill_id)
    if found is None or found.available_on < shown_bills(context, found.portal).start:
        raise NotFound
    context.require_owner(found.owner, found.facility)
    context.require_scope("a bill", Scope.BILLS_READ, facility=found.facility)
    if not is_opened(context, found):
        raise NotFound
    context.require_proven()
    await _require_open(context, found)
    if found.available_on > today(context):
        raise NotYetAvailable("this bill cannot be seen yet", found.available_on)
    return found


async def _require_open(context: RequestContext, of: Bill) -> None:
    """Raises NotYetAvailable while usage and bills of its facility are closed (FA-4)."""
    if context.portal(of.portal).billing.details_open is DetailsOpen.AT_ONCE:
        return
    if facility := await context.loaders.facility(of.facility):
        context.require_open(facility)


async def facility_bill_page(
    context: RequestContext, of: Facility, kind: ContractKind | None, request: PageRequest
) -> Page[Bill]:
    """Page of a facility's bills, newest first (BI-1)."""
    wanted = shown_bills(context, of.portal, kind)
    return await context.loaders.bills(of.number, of.owner, wanted, request)


async def facility_bill_count(
    context: RequestContext, of: Facility, kind: ContractKind | None
) -> int:
    wanted = shown_bills(context, of.portal, kind)
    return await context.loaders.bill_count(of.number, of.owner, wanted)


async def member_bill_page(
    context: RequestContext, of: Member, wanted: BillChoice, request: PageRequest
) -> Page[Bill]:
    """Page of a member's bills over all facilities, newest first."""
    return await context.sources.bills.page_of_member(of.id, wanted, request)


async def member_bill_count(context: RequestContext, of: Member, wanted: BillChoice) -> int:
    return await context.sources.bills.count_of_member(of.id, wanted)


async def member_bills(
    context: RequestContext,
    of: Member,
    start: date | None,
    end: date | None,
    kind: ContractKind | None,
) -> BillChoice:
    """Bills that came out in ``[start, end)`` and that the member sees: of facilities that are open."""
    if start is not None and end is not None and start >= end:
        raise BadInput(f"from must be before to, found {start} and {end}")
    shown = shown_bills(context, of.portal, kind)
    ends = [on for on in (end, shown.end) if on is not None]
    closed = await _closed_facilities(context, of)
    start = max(start or shown.start, shown.start)
    return replace(shown, start=start, end=min(ends), but_of=closed)


async def _closed_facilities(context: RequestContext, of: Member) -> tuple[int, ...]:
    """A member's facilities whose usage and bills are not open (FA-4)."""
    if context.portal(of.portal).billing.details_open is DetailsOpen.AT_ONCE:
        return ()
    return tuple(await context.sources.facilities.without_contracts(of.id))


async def revisions(context: RequestContext, of: Bill) -> list[EarlierBill]:
    """What was billed before corrections, the newest first; of who owns the bill now."""
    if of.revision == 0:
        return []
    return await context.loaders.bill_revisions(of.id, of.owner)


def shown_bills(
    context: RequestContext, portal: str, kind: ContractKind | None = None
) -> BillChoice:
    """Bills that members see: as far back as the portal shows them, until today.

    An app sees those of the facilities and from the day that the consent names.
    """
    start, end = context.portal(portal).history_from(context.now), today(context)
    shown = BillChoice(start, end + timedelta(days=1), kind)
    access = context.access
    if access is None:
        return shown
    return replace(shown, only_of=access.facilities, ends_after=access.data_from)


def is_opened(context: RequestContext, of: Bill) -> bool:
    """Whether a bill's period ends after the first day that an app may see."""
    opens_on = context.data_from
    return opens_on is None or of.end_on > opens_on


def shown_payment(context: RequestContext, portal: str, payment: Payment) -> Payment:
    """A payment as members see it: the result of a debit only from its day on (BI-3)."""
    seen_on = debit_result_on(context, portal, payment)
    if seen_on is None or seen_on <= today(context):
        return payment
    return replace(payment, state=PaymentState.UNPAID, paid_on=None)


def debit_result_on(context: RequestContext, portal: str, payment: Payment) -> date | None:
    """From when members see whether a direct debit succeeded; None without one."""
    if payment.debit_on is None:
        return None
    return result_available_on(payment.debit_on, context.portal(portal).billing)


def today(context: RequestContext) -> date:
    return date_at(context.now)
