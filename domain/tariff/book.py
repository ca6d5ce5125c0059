"""All plans and rates of a deployment, and which plan a contract names."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from domain.facilities import Contract
from domain.tariff.plans import Plan
from domain.tariff.rates import Rates


@dataclass(frozen=True, eq=False)
class PlanBook:
    """Plans by key, and the rates that they refer to. It is equal to itself alone."""

    plans: Mapping[str, Plan]
    rates: Rates

    @cached_property
    def _named(self) -> Mapping[str, Plan]:
        by_label = {plan.label.ja: plan for plan in self.plans.values()}
        return {**by_label, **self.plans}

    def named(self, text: str) -> Plan | None:
        """The plan with a key or a Japanese name; None if there is none."""
        return self._named.get(text)

    def plan_of(self, contract: Contract) -> Plan | None:
        """The plan that a contract names, if it is of the contract's kind."""
        plan = self.named(contract.plan)
        return plan if plan is not None and plan.kind is contract.kind else None
