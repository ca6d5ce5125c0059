"""The schema: root types put together, how operations are executed."""

import asyncio
from collections.abc import Mapping
from copy import copy
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types import ExecutionContext, ExecutionResult

from domain.errors import NotFound, RangeTooLarge
from domain.paging import MAX_PAGE
from resolvers import bills as resolve_bills
from resolvers import certificates as resolve_certificates
from resolvers import facilities as resolve_facilities
from resolvers import invoices as resolve_invoices
from resolvers import members as resolve_members
from resolvers import postal_codes as resolve_postal_codes
from resolvers import staff_sessions
from resolvers.context import RequestContext
from resolvers.plan_simulation import SimulationQuestion, simulate_plans
from schema.access import guard
from schema.bills import Bill, bill_type
from schema.certificates import PaymentCertificate, certificate_type
from schema.documents import CachedDocuments, CheckedDocument, DocumentCache
from schema.errors import expose
from schema.execution.operations import Operation
from schema.execution.rows import KnownTexts
from schema.facilities import Facility, facility_type
from schema.info import Info
from schema.invoices import Invoice, invoice_type
from schema.live import Subscription
from schema.members import Member, member_type
from schema.mutations import Mutation
from schema.nodes import Node, facility_number, parse_node_id
from schema.plan_simulation import PlanSimulation, simulation_type
from schema.portals import Portal, portal_type
from schema.postal_codes import PostalArea, postal_area_type
from schema.scalars import DATE_TIME
from schema.staff import Staff, staff_type


@strawberry.type
class Query:
    @strawberry.field(description="Any object of yours by its id.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:  # noqa: A002 - Relay's name
        return await _node(info, id)

    @strawberry.field(description="Several objects by their ids, in that order, at most 100.")
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        if len(ids) > MAX_PAGE:
            raise RangeTooLarge(f"ids must be at most {MAX_PAGE}, found {len(ids)}")
        found: list[Any] = await asyncio.gather(
            *(_node(info, text) for text in ids), return_exceptions=True
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

    @strawberry.field(description="Who of the staff is logged in. Null for nobody.")
    async def staff(self, info: Info) -> Staff | None:
        visit = await staff_sessions.staff(info.context)
        return None if visit is None else staff_type(visit.staff)

    @strawberry.field(description="A facility of yours by its id.")
    async def facility(self, info: Info, id: strawberry.ID) -> Facility | None:  # noqa: A002 - the contract's name
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
        facility_id: strawberry.ID,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        shift_percent: int = 10,
    ) -> PlanSimulation:
        asked = SimulationQuestion(facility_number(facility_id), from_, to, shift_percent)
        return simulation_type(await simulate_plans(info.context, asked))

    @strawberry.field(
        description=(
            "The places of a postal code, several for some, none for one that is not in use. "
            "Digits may be of any width, with or without hyphen."
        )
    )
    async def postal_code(self, code: str) -> list[PostalArea]:
        return [postal_area_type(area) for area in await resolve_postal_codes.postal_areas(code)]

    @strawberry.field(
        description=(
            "The rules of a portal, for sign-up forms: what an ID, a password, an address must be."
        )
    )
    def portal(self, info: Info, key: str) -> Portal | None:
        found = info.context.sources.portals.get(key)
        return None if found is None else portal_type(found)


async def _node(info: Info, text: str) -> Node:
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
    raise NotFound


class Execution(StrawberryGraphQLCoreExecutionContext):
    """Executor without the cache of graphql-core 3.3 that grows with every subscription event."""

    def build_per_event_executor(self, payload: Any) -> Any:
        executor: Any = super().build_per_event_executor(payload)
        executor._relevant_sub_fields = {}  # noqa: SLF001 - keyed by id, shared by all events
        return executor


class KenshinSchema(strawberry.Schema):
    """Schema whose errors have codes and whose documents are cached."""

    def __init__(self, known_text_bytes: int = 0) -> None:
        """`known_text_bytes` bounds the texts of rows that are kept for the next answer."""
        super().__init__(
            Query,
            Mutation,
            Subscription,
            types=[Member, Facility, Bill, Invoice, PaymentCertificate],
            execution_context_class=Execution,
            config=StrawberryConfig(scalar_map={datetime: DATE_TIME}),
        )
        guard(self)
        self._keep_nothing(known_text_bytes)

    def unused(self, known_text_bytes: int = 0) -> "KenshinSchema":
        """These types, and nothing kept of what this schema was asked."""
        schema = copy(self)
        schema._keep_nothing(known_text_bytes)  # noqa: SLF001 - of its own class
        return schema

    def _keep_nothing(self, known_text_bytes: int) -> None:
        documents = self._documents = DocumentCache(self)
        self.extensions = (lambda: CachedDocuments(documents),)
        self._known_texts = KnownTexts(known_text_bytes)

    def checked(self, text: str) -> CheckedDocument:
        """A document and what is wrong with it; raises GraphQLSyntaxError."""
        return self._documents.checked(text or " ")

    def prepared_query(self, text: str, operation_name: str | None) -> Operation | None:
        """The query of a document, ready to be executed; None for anything else."""
        try:
            return self.checked(text).query(operation_name)
        except GraphQLSyntaxError:
            return None

    async def answer(
        self, query: Operation, variables: dict[str, Any] | None, context: RequestContext
    ) -> ExecutionResult:
        """Execute a query; only `schema.execution.encoding` can read the data of its result."""
        found = await query.answer(context, variables or {}, self._known_texts)
        if found.errors:
            expose(found.errors, context.request_id)
        return ExecutionResult(found.data, found.errors)

    def event_result(
        self,
        text: str,
        variables: dict[str, Any],
        operation_name: str | None,
        payload: Any,
    ) -> ExecutionResult:
        """An event of a valid subscription, none of whose fields wait, in the stock way."""
        executor: Any = Execution.build(
            self._schema, self.checked(text).document, payload, None, variables, operation_name
        )
        found: Any = executor.execute_operation(False)
        if found.errors:
            expose(found.errors, "")
        return ExecutionResult(found.data, found.errors)

    def metadata(self, subscription: str) -> Mapping[Any, Any]:
        """What the schema says of a subscription beside its type."""
        fields = self._schema.subscription_type.fields if self._schema.subscription_type else {}
        found: Mapping[Any, Any] = fields[subscription].extensions["strawberry-definition"].metadata
        return found

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        expose(errors, execution_context.context.request_id if execution_context else "")


@cache
def _put_together() -> KenshinSchema:
    return KenshinSchema()


def open_schema(known_text_bytes: int = 0) -> KenshinSchema:
    """A schema of its own for an application; what is the same in all is made once per process."""
    return _put_together().unused(known_text_bytes)
