"""What can be read: the fields of the root, and how objects are found by their ids."""

import asyncio
from datetime import date
from typing import Annotated, Any, Final

import strawberry

from domain.errors import NotFound, RangeTooLarge
from domain.paging import MAX_PAGE
from resolvers import bills as resolve_bills
from resolvers import certificates as resolve_certificates
from resolvers import facilities as resolve_facilities
from resolvers import invoices as resolve_invoices
from resolvers import members as resolve_members
from resolvers import own_consents, staff_sessions
from resolvers import postal_codes as resolve_postal_codes
from resolvers.plan_simulation import SimulationQuestion, simulate_plans
from schema.apps import App, app_type
from schema.arguments import FacilityId, NodeId
from schema.bills import Bill, bill_type
from schema.certificates import PaymentCertificate, certificate_type
from schema.consents import Consent, consent_type
from schema.facilities import Facility, facility_type
from schema.info import Info
from schema.invoices import Invoice, invoice_type
from schema.members import Member, member_type
from schema.nodes import Node, facility_number, parse_node_id
from schema.plan_simulation import PlanSimulation, simulation_type
from schema.portals import Portal, portal_type
from schema.postal_codes import PostalArea, postal_area_type
from schema.rate_limits import RateLimit, rate_limit_type
from schema.staff import Staff, staff_type

NODES: Final = (Member, Facility, Bill, Invoice, PaymentCertificate, Consent)
"Whatever `node` finds by its id."


@strawberry.type(
    description=(
        "What can be read. Members read what is theirs, partner apps what a member let them, "
        "staff what is under `staff`."
    )
)
class Query:
    @strawberry.field(
        description="Any object of yours by its id; null with NOT_FOUND for any other."
    )
    async def node(
        self,
        info: Info,
        id: NodeId,  # noqa: A002 - Relay's name
    ) -> Node | None:
        return await node_of(info, id)

    @strawberry.field(description="Several objects by their ids, in that order, at most 100.")
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(
                description="At most 100. Null with an error where there is none, or another's."
            ),
        ],
    ) -> list[Node | None]:
        if len(ids) > MAX_PAGE:
            raise RangeTooLarge(f"ids must be at most {MAX_PAGE}, found {len(ids)}")
        found: list[Any] = await asyncio.gather(
            *(node_of(info, text) for text in ids), return_exceptions=True
        )
        return found

    @strawberry.field(
        description=(
            "The member who is logged in, or for whom a partner app acts. Null for nobody."
        )
    )
    async def viewer(self, info: Info) -> Member | None:
        found = await resolve_members.viewer(info.context)
        return None if found is None else member_type(found)

    @strawberry.field(
        description="The app that asks with a token of its own. Null for anybody else."
    )
    async def app(self, info: Info) -> App | None:
        await info.context.viewer_session()
        found = info.context.app
        return None if found is None else app_type(found)

    @strawberry.field(description="Who of the staff is logged in. Null for nobody.")
    async def staff(self, info: Info) -> Staff | None:
        visit = await staff_sessions.staff(info.context)
        return None if visit is None else staff_type(visit.staff)

    @strawberry.field(
        description="A facility of yours by its id; null with NOT_FOUND for any other."
    )
    async def facility(
        self,
        info: Info,
        id: FacilityId,  # noqa: A002 - the contract's name
    ) -> Facility | None:
        number = facility_number(id)
        return facility_type(await resolve_facilities.facility(info.context, number))

    @strawberry.field(
        description=(
            "What the half hours of whole days of a facility of yours, [from, to), would have cost on "
            "every plan that is open to it. `shiftPercent` of the dearest use are moved to a cheaper "
            "time to tell what that saves."
        )
    )
    async def simulate_plans(
        self,
        info: Info,
        facility_id: FacilityId,
        from_: Annotated[
            date, strawberry.argument(name="from", description="First day, in Tokyo.")
        ],
        to: Annotated[
            date,
            strawberry.argument(
                description="Day after the last one; more than 366 days are RANGE_TOO_LARGE."
            ),
        ],
        shift_percent: Annotated[
            int,
            strawberry.argument(
                description="0 to 100, how much of the dearest band's use is moved."
            ),
        ] = 10,
    ) -> PlanSimulation:
        asked = SimulationQuestion(facility_number(facility_id), from_, to, shift_percent)
        return simulation_type(await simulate_plans(info.context, asked))

    @strawberry.field(
        description="What you have left to ask for in a minute. Null where that is not limited."
    )
    def rate_limit(self, info: Info) -> RateLimit | None:
        points = info.context.points
        return None if points is None else rate_limit_type(points, info.context.now)

    @strawberry.field(
        description=(
            "The places of a postal code, several for some, none for one that is not in use. "
            "Digits may be of any width, with or without hyphen."
        )
    )
    async def postal_code(
        self, code: Annotated[str, strawberry.argument(description="Seven digits, like 537-0001.")]
    ) -> list[PostalArea]:
        return [postal_area_type(area) for area in await resolve_postal_codes.postal_areas(code)]

    @strawberry.field(
        description=(
            "The rules of a portal, for sign-up forms: what an ID, a password, an address must "
            "be. Null for one that there is not."
        )
    )
    def portal(
        self,
        info: Info,
        key: Annotated[
            str, strawberry.argument(description="Like denki-jtb. Null for one that there is not.")
        ],
    ) -> Portal | None:
        found = info.context.sources.portals.get(key)
        return None if found is None else portal_type(found)


async def node_of(info: Info, text: str) -> Node:
    """The object of an id, as far as who asks may see it; raises NotFound, BadInput."""
    kind, key = parse_node_id(text)
    match kind:
        case "Facility":
            number = facility_number(text)
            return facility_type(await resolve_facilities.facility(info.context, number))
        case "Member":
            return member_type(await resolve_members.member(info.context, key))
        case "Bill":
            return bill_type(await resolve_bills.bill(info.context, key))
        case "Invoice":
            return invoice_type(await resolve_invoices.invoice(info.context, key))
        case "PaymentCertificate":
            return certificate_type(await resolve_certificates.certificate(info.context, key))
        case "Consent":
            return consent_type(await own_consents.consent(info.context, key))
    raise NotFound
