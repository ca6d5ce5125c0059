"""`kenshin plan`: plans and their prices."""

import sys
from pathlib import Path

import click

from datasources.plan_files import read_plan, read_rates_beside
from datasources.policy_files import WrongPolicyFile


@click.group(help="Plans and their prices.")
def plan() -> None:
    """Group of the plan commands."""


@plan.command(help="Check a plan's file: a line for every fault, and exit code 1 if there are any.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    try:
        found = read_plan(file, read_rates_beside(file))
    except WrongPolicyFile as error:
        click.echo(error)
        sys.exit(1)
    until = f" until {found.ends_on}" if found.ends_on else ""
    click.echo(
        f"{file}: {found.label.ja} is a plan, in force from {found.versions[0].starts_on}{until}."
    )
