"""Files of plans and rates: which line is wrong, and what becomes of a folder of them."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.plans import plan as plan_commands
from datasources.plan_files import read_plan_book
from datasources.policy_files import WrongPolicyFile
from datasources.portal_files import read_portal
from domain.facilities import ContractKind
from tests.policies import INVENTED, SHIPPED_FOLDER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the plans and rates that ship, to be changed."""
    for name in ("plans", "rates"):
        shutil.copytree(SHIPPED_FOLDER / name, tmp_path / name)
    return tmp_path


def line_of(file: Path, text: str) -> int:
    """The last line that has it, or of `text#2` the second one."""
    text, _, place = text.partition("#")
    lines = file.read_text("utf-8").split("\n")
    found = [number for number, line in enumerate(lines, 1) if text in line]
    return found[int(place or 0) - 1]


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")


def faults(folder: Path) -> list[str]:
    """What is wrong with a folder, by the names of the files."""
    with pytest.raises(WrongPolicyFile) as refusal:
        read_plan_book(str(folder))
    return [line.removeprefix(f"{folder}/") for line in str(refusal.value).splitlines()]


def test_every_kind_of_contract_has_plans_that_ship_and_all_say_that_they_are_examples() -> None:
    plans = read_plan_book().plans.values()
    assert {plan.kind for plan in plans} == set(ContractKind)
    assert all(plan.example and plan.label.ja.endswith("（例）") for plan in plans)


def test_a_plan_is_found_by_its_key_and_by_its_japanese_name() -> None:
    book = read_plan_book()
    found = book.named("lighting-b")
    assert found is not None
    assert book.named("従量電灯B（例）") is found
    assert book.named("Lighting B (example)") is None


def test_the_plan_of_the_documentation_is_one(folder: Path) -> None:
    page = (SHIPPED_FOLDER.parent / "docs" / "plans.md").read_text("utf-8")
    (example,) = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (folder / "plans" / "night-saver-2.toml").write_text(example, "utf-8")
    found = read_plan_book(str(folder)).plans["night-saver-2"]
    assert [band.key for band in found.versions[0].bands] == ["day", "night"]


@pytest.mark.parametrize(
    ("name", "before", "after", "at", "problem"),
    [
        pytest.param(
            "season-hours",
            '"07:00-10:00", "17:00-23:00"',
            '"07:00-10:30", "17:00-23:00"',
            "[[versions.bands]]#3",
            "versions[0].bands[2]: overlaps at 10:00 of a WEEKDAY in month 1",
            id="bands that overlap",
        ),
        pytest.param(
            "season-hours",
            "months = [7, 8, 9]",
            "months = [7, 9]",
            "[[versions.bands]]#1",
            "versions[0].bands: a hole: no band at 10:00 of a WEEKDAY in month 8",
            id="a hole between bands",
        ),
        pytest.param(
            "night-saver",
            "23:00-07:00",
            "23:00-23:00",
            "23:00",
            "versions[0].bands[1].times[0].hours[0]: expected two times, found 23:00-23:00",
            id="no hours at all",
        ),
        pytest.param(
            "night-saver",
            "23:00-07:00",
            "23:15-07:00",
            "23:15",
            "versions[0].bands[1].times[0].hours[0]: expected a time like 07:00-23:00, "
            "found '23:15-07:00'",
            id="a quarter of an hour",
        ),
        pytest.param(
            "season-hours",
            '"04-30"',
            '"04-31"',
            "extra_holidays",
            "versions[0].extra_holidays[2]: expected a day of the year like 12-31, found '04-31'",
            id="a holiday that never comes",
        ),
        pytest.param(
            "night-saver",
            'key = "night"',
            'key = "day"',
            'key = "day"',
            "versions[0].bands[1].key: day is there before",
            id="two bands of a key",
        ),
        pytest.param(
            "lighting-c",
            "up_to = 300",
            "up_to = 120",
            "tiers",
            "versions[0].bands[0].tiers[1]: expected borders that rise, the last open",
            id="tiers that do not rise",
        ),
        pytest.param(
            "lighting-c",
            "{ price = 40.49 }",
            "{ price = 40.49, up_to = 900 }",
            "tiers",
            "versions[0].bands[0].tiers: expected one or more, the last without up_to",
            id="use without a price",
        ),
        pytest.param(
            "lighting-c",
            "price = 40.49",
            "price = -40.49",
            "tiers",
            "versions[0].bands[0].tiers[2].price: expected a number 0 to 10000 of at most 2 "
            "decimals, found -40.49",
            id="a price below zero",
        ),
        pytest.param(
            "lighting-c",
            "price = 40.49",
            "price = nan",
            "tiers",
            "versions[0].bands[0].tiers[2].price: expected a number 0 to 10000 of at most 2 "
            "decimals, found NaN",
            id="no number",
        ),
        pytest.param(
            "lighting-b",
            "starts_on = 2024-04-01",
            "starts_on = 2016-04-01",
            "starts_on",
            "versions[1].starts_on: expected later than 2016-04-01, found 2016-04-01",
            id="versions that overlap",
        ),
        pytest.param(
            "lighting-b",
            "example = true",
            "example = true\nends_on = 2024-04-01",
            "ends_on",
            "ends_on: expected later than 2024-04-01, found 2024-04-01",
            id="a version after the plan's end",
        ),
        pytest.param(
            "minimum-a",
            "included = 15",
            "included = 120",
            "minimum",
            "versions[0].minimum.included: expected less than the first tier's border 120, found 120",
            id="a tier that the minimum charge swallows",
        ),
        pytest.param(
            "minimum-a",
            "minimum = {",
            "basic = { yen = 1.00 }\nminimum = {",
            "minimum",
            "versions[0].minimum: expected either a basic charge or a minimum charge",
            id="two monthly charges",
        ),
        pytest.param(
            "city-gas",
            "basic = 1056.00",
            "basic = 1055.99",
            "[[versions.gas_tables]]#2",
            "versions[0].gas_tables[1]: at its border of 20 m³ it is cheaper than the table before",
            id="gas that gets cheaper at a border",
        ),
        pytest.param(
            "city-gas",
            'fuel = "gas-raw-material"',
            "levy = true",
            "levy",
            "versions[0].levy: expected none of GAS",
            id="gas with a levy",
        ),
        pytest.param(
            "one-price",
            "percent = 0.5",
            "percent = 0.5\nyen = 1",
            "discounts",
            "versions[0].discounts[1]: expected either yen or percent",
            id="a discount of two kinds",
        ),
        pytest.param(
            "market-linked",
            "market =",
            'discounts = [{ label = { ja = "割引", en = "Off" }, percent = 1 }]\nmarket =',
            "discounts",
            "versions[0].discounts[0]: expected none in percent of energy, as there is a market",
            id="percents of the market",
        ),
        pytest.param(
            "one-price",
            "（例）",
            "",
            'label = { ja = "ひとつの単価',
            "label.ja: expected one that ends with （例）, as example is true",
            id="an example that does not say so",
        ),
        pytest.param(
            "one-price",
            'fuel = "fuel-low-voltage"',
            'fuel = "fuel-high-voltage"',
            "fuel",
            "versions[0].fuel: no rates fuel-high-voltage; there are fuel-low-voltage, "
            "gas-raw-material",
            id="rates that are not there",
        ),
        pytest.param(
            "buy-back",
            "（例）",
            '（例）", older = "',
            "older",
            "label.older: unknown key; known are ja, en",
            id="a key that nobody knows",
        ),
    ],
)
def test_a_wrong_plan_is_told_with_its_line(
    folder: Path, name: str, before: str, after: str, at: str, problem: str
) -> None:
    file = folder / "plans" / f"{name}.toml"
    change(file, before, after)
    assert f"plans/{name}.toml:{line_of(file, at)}: {problem}" in faults(folder)


@pytest.mark.parametrize(
    ("name", "before", "after", "problem"),
    [
        pytest.param(
            "renewable-levy",
            "year = 2020",
            "year = 2019",
            "years: expected years without a gap, found",
            id="a year twice",
        ),
        pytest.param(
            "renewable-levy",
            "example = true",
            "example = false",
            "later: expected none, as only an example knows the future",
            id="a real file that knows the future",
        ),
        pytest.param(
            "fuel-low-voltage",
            "-3.05, -3.62",
            "-3.62",
            "years[1].yen: expected 12 numbers, found 11",
            id="a month left out",
        ),
        pytest.param(
            "gas-raw-material",
            "21.40",
            "21.405",
            "years[0].yen[0]: expected a number -100 to 100 of at most 2 decimals, found 21.405",
            id="a rate in tenths of a sen",
        ),
    ],
)
def test_wrong_rates_are_told_with_their_line(
    folder: Path, name: str, before: str, after: str, problem: str
) -> None:
    change(folder / "rates" / f"{name}.toml", before, after)
    (fault,) = faults(folder)
    assert re.match(rf"rates/{name}\.toml:\d+: ", fault)
    assert problem in fault


def test_rates_have_a_levy(folder: Path) -> None:
    (folder / "rates" / "renewable-levy.toml").unlink()
    assert faults(folder) == ["rates/renewable-levy.toml: is missing"]


def test_a_plan_s_file_is_named_by_its_key(folder: Path) -> None:
    (folder / "plans" / "one-price.toml").rename(folder / "plans" / "One Price.toml")
    (fault,) = faults(folder)
    assert fault.endswith("expected a file named like my-plan.toml, found 'One Price'")


def test_two_plans_of_one_name_are_refused(folder: Path) -> None:
    shutil.copy(folder / "plans" / "one-price.toml", folder / "plans" / "one-price-2.toml")
    (fault,) = faults(folder)
    assert (
        fault == "plans/one-price.toml:3: label: ひとつの単価（例） names one-price-2.toml already"
    )


def test_a_portal_opens_only_plans_that_are_there(tmp_path: Path) -> None:
    file = tmp_path / "aozora.toml"
    text = INVENTED.read_text("utf-8")
    file.write_text(re.sub(r"(?m)^plans = \[", 'plans = ["two-prices", ', text))
    with pytest.raises(WrongPolicyFile, match=r"billing\.plans\[0\]: no plan two-prices"):
        read_portal(file)


def test_the_command_tells_what_is_wrong_and_from_when_to_when_a_plan_is_in_force(
    folder: Path,
) -> None:
    file = folder / "plans" / "buy-back.toml"
    change(file, "example = true", "example = true\nends_on = 2030-04-01")
    answer = CliRunner().invoke(plan_commands, ["check", str(file)])
    assert (answer.exit_code, answer.output) == (
        0,
        f"{file}: 太陽光発電買取（例） is a plan, in force from 2016-04-01 until 2030-04-01.\n",
    )
    change(file, "price = 8.50", 'price = "8.50"')
    answer = CliRunner().invoke(plan_commands, ["check", str(file)])
    assert answer.exit_code == 1
    assert answer.output.startswith(f"{file}:{line_of(file, 'price')}: versions[0].bands[0].tiers")
