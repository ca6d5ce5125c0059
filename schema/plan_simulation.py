"""The comparison of plans as clients see it (US-11)."""

from datetime import date

import strawberry

from domain.bills import SEN
from domain.tariff.comparison import BandCost, PlanCost, Shift
from domain.tariff.refusals import NotPricedReason
from resolvers.plan_simulation import PlanSimulation as Simulation
from schema.portal_rules import Label, label_type

_WH_PER_KWH = 1000


@strawberry.type(
    description="Use in a tariff band, and what depends on it: energy, fuel adjustment and levy."
)
class SimulatedBand:
    key: str = strawberry.field(description="Within the plan.")
    label: Label = strawberry.field(description="The band's name, e.g. of its hours.")
    kwh: float = strawberry.field(description="Use in the band, in kWh.")
    yen: float = strawberry.field(description="What that costs, tax included, to the sen.")


@strawberry.type(description="Some of the dearest band's energy used at a cheaper time instead.")
class LoadShift:
    dearest: Label = strawberry.field(description="The band that it is taken from.")
    kwh: float = strawberry.field(description="How much is moved, in kWh.")
    saved_yen: int = strawberry.field(
        description=(
            "What that saves in the span, in whole yen; below zero where it only leads to a "
            "dearer tier."
        )
    )


@strawberry.type(description="What the span would have cost on a plan.")
class SimulatedPlan:
    key: str = strawberry.field(description="As `Contract.plan`.")
    label: Label = strawberry.field(description="The plan's name.")
    example: bool = strawberry.field(description="Whether the plan is made up.")
    is_present: bool = strawberry.field(description="Whether the facility is on it.")
    yen: int = strawberry.field(
        description="What the bills of the span come to, in whole yen, tax included."
    )
    yearly_difference_yen: int | None = strawberry.field(
        description=(
            "So much more than the present plan in a year, below zero if it costs less. Null where the "
            "present plan has no price."
        )
    )
    fixed_yen: float = strawberry.field(
        description="Basic and minimum charges, less discounts on them, to the sen."
    )
    bands: list[SimulatedBand] = strawberry.field(description="Those with use.")
    shift: LoadShift | None = strawberry.field(
        description="Null where the plan has one band at any time."
    )


@strawberry.type(description="A plan that does not price the span, and why.")
class UnpricedPlan:
    key: str = strawberry.field(description="As `Contract.plan`.")
    label: Label = strawberry.field(description="The plan's name.")
    reason: NotPricedReason = strawberry.field(description="Why it has no price.")


@strawberry.type(description="A facility's own half hours on every plan that is open to it.")
class PlanSimulation:
    from_: date = strawberry.field(
        name="from", description="As asked, but not before the contract began."
    )
    to: date = strawberry.field(description="As asked, but not after the last day that is over.")
    kwh: float = strawberry.field(
        description="Use in the span, in kWh, with what was taken for missing half hours."
    )
    missing_half_hours: int = strawberry.field(
        description="Half hours without a value: what is usual at that time was taken instead."
    )
    plans: list[SimulatedPlan] = strawberry.field(description="The cheapest first.")
    unpriced: list[UnpricedPlan] = strawberry.field(
        description="Plans that are open to the facility and cannot be reckoned."
    )


def simulation_type(found: Simulation) -> PlanSimulation:
    return PlanSimulation(
        from_=found.span.start_on,
        to=found.span.end_on,
        kwh=int(found.span.wh.sum()) / _WH_PER_KWH,
        missing_half_hours=found.missing,
        plans=[_plan(found, cost) for cost in found.costs],
        unpriced=[
            UnpricedPlan(key=each.plan.key, label=label_type(each.plan.label), reason=each.reason)
            for each in found.unpriced
        ],
    )


def _plan(found: Simulation, cost: PlanCost) -> SimulatedPlan:
    plan = cost.plan
    return SimulatedPlan(
        key=plan.key,
        label=label_type(plan.label),
        example=plan.example,
        is_present=plan is found.present,
        yen=cost.yen,
        yearly_difference_yen=found.yearly_difference(cost),
        fixed_yen=cost.fixed_sen / SEN,
        bands=[_band(band) for band in cost.bands],
        shift=None if cost.shift is None else _shift(cost.shift),
    )


def _band(band: BandCost) -> SimulatedBand:
    return SimulatedBand(
        key=band.key,
        label=label_type(band.label),
        kwh=band.wh / _WH_PER_KWH,
        yen=band.sen / SEN,
    )


def _shift(shift: Shift) -> LoadShift:
    return LoadShift(
        dearest=label_type(shift.dearest), kwh=shift.wh / _WH_PER_KWH, saved_yen=shift.saved_yen
    )
