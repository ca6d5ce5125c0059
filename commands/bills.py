"""`kenshin bill`: reading periods into bills."""

import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import click
from tqdm import tqdm

from commands.environment import databases, read_settings, run
from datasources.collections import migrate
from domain.portal import Portal
from resolvers.billing_report import BillingReport
from resolvers.billing_run import BillingRun
from resolvers.sources import Sources

_NOT_ALL_CLOSED: Final = 3


@click.command(
    help=(
        "Close the reading periods that end in a month into bills. Run it again as often as you like: "
        "what has changed gets a new revision. Exit status 3: some could not be closed."
    ),
)
@click.option(
    "--period",
    type=click.DateTime(["%Y-%m"]),
    required=True,
    help="The billing month, that of the last day of a reading period.",
)
@click.option("--portal", help="Only this portal's; all unless given.")
@click.option("--estimate", is_flag=True, help="Estimate half hours that are missing.")
@click.option("--dry-run", is_flag=True, help="Say what would become of them, and store nothing.")
def bill(period: datetime, portal: str | None, estimate: bool, dry_run: bool) -> None:
    month = period.date().replace(day=1)

    async def work(sources: Sources) -> BillingReport:
        await migrate(sources.mongo)
        portals = _chosen(sources.portals, portal)
        plan = BillingRun(month, portals, estimate=estimate, dry_run=dry_run)
        total = await plan.count(sources)
        with tqdm(total=total, desc=f"{month:%Y-%m}", unit="periods", delay=0.5) as bar:
            return await plan.run(sources, bar.update)

    with databases(read_settings()) as settings:
        report = run(settings, work)
    click.echo("\n".join(report.lines()))
    if report.not_closed:
        sys.exit(_NOT_ALL_CLOSED)


def _chosen(portals: Mapping[str, Portal], key: str | None) -> tuple[str, ...]:
    if key is not None and key not in portals:
        raise click.ClickException(f"there is no portal {key!r}; there are: {', '.join(portals)}")
    return tuple(portals) if key is None else (key,)
