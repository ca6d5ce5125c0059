"""The plans of the simulation's benchmark; never how long anything took."""

from bench.household import PORTAL
from bench.simulate import CAPACITY, PLANS, plan_folder
from datasources.plan_files import read_plan_book
from datasources.portal_files import read_portals


def test_twenty_different_plans_are_open_to_the_home_and_all_fit_it() -> None:
    with plan_folder() as folder:
        keys = read_portals(folder)[PORTAL].billing.plans
        book = read_plan_book(folder)

    assert len({book.plans[key].label.ja for key in keys}) == PLANS
    assert all(book.plans[key].size(CAPACITY, "kVA") is not None for key in keys)
