"""`kenshin portal`: policies of portals."""

import sys
from pathlib import Path

import click

from datasources.policy_files import WrongPolicyFile
from datasources.portal_files import read_portal


@click.group(help="Policies of portals.")
def portal() -> None:
    """Group of the portal commands."""


@portal.command(
    help="Check a portal file: a line for every fault, and exit code 1 if there are any."
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    try:
        found = read_portal(file)
    except WrongPolicyFile as error:
        click.echo(error)
        sys.exit(1)
    click.echo(f"{file}: {found.name} is a portal.")
