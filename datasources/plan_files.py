"""Plans and rates from the TOML files of `portals/plans/` and `portals/rates/`."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from datasources.policy_files import (
    POLICY_FOLDER,
    WrongPolicyFile,
    file_text,
    misplaced,
    parsed,
)
from domain.policy_tables import WrongValue, read_table
from domain.tariff.book import PlanBook
from domain.tariff.plans import Plan
from domain.tariff.rates import FuelSeries, Rates, RenewableLevy

LEVY_FILE: Final = "renewable-levy.toml"
"Among the rates; all other files there are series of fuel adjustment."

_KEPT: Final = 256
"More files than a deployment has."


def read_plan_book(folder: str = "") -> PlanBook:
    """Plans and rates beside the portals of a folder, or those that ship if there is neither.

    Raises WrongPolicyFile.
    """
    own = Path(folder)
    here = bool(folder) and ((own / "plans").is_dir() or (own / "rates").is_dir())
    return _book(own if here else POLICY_FOLDER)


def read_plan(file: Path, rates: Rates) -> Plan:
    """The plan in a file, whose name is its key; raises WrongPolicyFile."""
    text = file_text(file)
    plan = _plan(file, text)
    if wrong := [*_unknown_rates(plan, rates)]:
        raise misplaced(file, text, wrong)
    return plan


def read_rates_beside(file: Path) -> Rates:
    """The rates that go with a plan's file, or those that ship; raises WrongPolicyFile."""
    own = file.resolve().parent.parent / "rates"
    return _rates(own if own.is_dir() else POLICY_FOLDER / "rates")


def _rates(folder: Path) -> Rates:
    levy = folder / LEVY_FILE
    if not levy.is_file():
        raise WrongPolicyFile(f"{levy}: is missing")
    series = (_fuel(file, file_text(file)) for file in _files(folder) if file != levy)
    return Rates(_levy(levy, file_text(levy)), {each.key: each for each in series})


def _book(folder: Path) -> PlanBook:
    rates = _rates(folder / "rates")
    plans = {file: read_plan(file, rates) for file in _files(folder / "plans")}
    _refuse_same_names(plans)
    return PlanBook({plan.key: plan for plan in plans.values()}, rates)


def _files(folder: Path) -> Sequence[Path]:
    return sorted(folder.glob("*.toml"))


def _unknown_rates(plan: Plan, rates: Rates) -> Iterator[WrongValue]:
    for place, version in enumerate(plan.versions):
        if version.fuel is not None and version.fuel not in rates.fuel:
            known = ", ".join(rates.fuel) or "none"
            yield WrongValue(
                ("versions", place, "fuel"), f"no rates {version.fuel}; there are {known}"
            )


def _refuse_same_names(plans: Mapping[Path, Plan]) -> None:
    """A contract may name its plan by the Japanese name, or by a key."""
    seen: dict[str, Path] = {}
    for file, plan in plans.items():
        for name in {plan.key, plan.label.ja}:
            if name in seen:
                raise misplaced(
                    file,
                    file_text(file),
                    [WrongValue(("label",), f"{name} names {seen[name].name} already")],
                )
            seen[name] = file


@lru_cache(_KEPT)
def _plan(file: Path, text: str) -> Plan:
    return parsed(file, text, lambda key, document: read_table(Plan, document, key=key))


@lru_cache(_KEPT)
def _fuel(file: Path, text: str) -> FuelSeries:
    return parsed(file, text, lambda key, document: read_table(FuelSeries, document, key=key))


@lru_cache(_KEPT)
def _levy(file: Path, text: str) -> RenewableLevy:
    return parsed(file, text, lambda _, document: read_table(RenewableLevy, document))
