"""`kenshin import`: files of readings and of records."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from tqdm import tqdm

from commands.environment import databases, read_settings, run
from datasources.collections import migrate
from domain.readings import Direction
from resolvers.imports import Import, ImportRefused, RecordKind
from resolvers.sources import Sources


@click.command(
    "import",
    help=(
        "Import a file of readings, or of members, contracts, accounts, facilities, reading periods, "
        "bills, payments or market prices."
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in RecordKind]),
    default=RecordKind.READINGS.value,
    show_default=True,
    help="What the file holds; all but readings as NDJSON.",
)
@click.option("--supply-point", help="Supply point number of a file of readings that names none.")
@click.option(
    "--direction",
    type=click.Choice([direction.name for direction in Direction]),
    default=Direction.IMPORT.name,
    show_default=True,
)
@click.option(
    "--zone", default="Asia/Tokyo", show_default=True, help="Zone of times without offset."
)
@click.option(
    "--ending",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Move the readings in whole days so that the last one is of this date.",
)
def import_(
    file: Path,
    kind: str,
    supply_point: str | None,
    direction: str,
    zone: str,
    ending: datetime | None,
) -> None:
    plan = Import(
        file,
        RecordKind(kind),
        supply_point,
        Direction[direction],
        _zone(zone),
        ending and ending.date(),
    )

    size = file.stat().st_size

    async def work(sources: Sources) -> str:
        await migrate(sources.mongo)
        with tqdm(total=size, desc=file.name, unit="B", unit_scale=True, delay=0.5) as bar:
            return await plan.run(sources, bar.update)

    with databases(read_settings()) as settings:
        try:
            click.echo(run(settings, work))
        except ImportRefused as error:
            raise click.ClickException(str(error)) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise click.ClickException(f"--zone: {name} is not an IANA time zone") from None
