"""`kenshin outbox` and `kenshin letters`: what goes to members by mail and by post."""

from collections.abc import Sequence
from pathlib import Path

import click
from tqdm import tqdm

from commands.environment import databases, read_settings, run
from domain.outbox import Channel
from domain.slots import TOKYO
from resolvers import operator_acts
from resolvers.sources import Sources


@click.group(help="Messages to members that could not be sent.")
def outbox() -> None:
    """Group of the outbox commands."""


@outbox.command("list", help="What was given up, the newest first.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
def list_(limit: int) -> None:
    with databases(read_settings()) as settings:
        dead = run(settings, lambda sources: sources.outbox.dead(limit))
    for message in dead:
        at = f"{message.dead_at.astimezone(TOKYO):%Y-%m-%d %H:%M}"
        what = f"{message.kind:17}  {message.portal:9}  {message.member or '-':24}"
        click.echo(f"{message.id}  {at}  {what}  {message.attempts}  {message.reason}")
    if not dead:
        click.echo("Nothing was given up.")


@outbox.command(help="Let messages that were given up wait once more.")
@click.argument("ids", nargs=-1, required=True)
def resend(ids: Sequence[str]) -> None:
    async def work(sources: Sources) -> list[bool]:
        return [await operator_acts.resend(sources, message) for message in ids]

    with databases(read_settings()) as settings:
        resent = dict(zip(ids, run(settings, work), strict=True))
    for message in filter(resent.get, resent):
        click.echo(f"{message} waits again.")
    if unknown := [message for message in ids if not resent[message]]:
        raise click.ClickException(f"nothing that was given up has the id {', '.join(unknown)}.")


@click.command(help="Print the letters that wait: PDF files of postcards, and a CSV for each.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the files; it is made if need be.",
)
def letters(out: Path) -> None:
    # What PDFs need takes long to load, and no other command needs it.
    from resolvers.letters import Printed, print_letters  # noqa: PLC0415 - see above

    async def work(sources: Sources) -> list[Printed]:
        waiting = await sources.outbox.due(Channel.LETTER)
        with tqdm(total=waiting, desc="Letters", delay=0.5, disable=None) as bar:
            runs = [await print_letters(sources, out, bar.update)]
            while runs[-1].files:
                runs.append(await print_letters(sources, out, bar.update))
        return runs

    with databases(read_settings()) as settings:
        try:
            runs = run(settings, work)
        except OSError as error:
            raise click.ClickException(f"cannot write the letters: {error}") from None
    for printed in runs:
        if printed.files:
            pdf, table = printed.files
            plural = "" if printed.letters == 1 else "s"
            click.echo(f"{printed.letters} letter{plural}: {pdf} and {table.name}")
    if not runs[0].files:
        click.echo("No letter waits.")
    if given_up := sum(printed.given_up for printed in runs):
        click.echo(f"Cannot be printed: {given_up}; see `kenshin outbox list`.")
