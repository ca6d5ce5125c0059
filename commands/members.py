"""`kenshin member`: what the operator decides about members."""

import click

from commands.environment import databases, read_settings, run
from domain.leaving import OPERATOR_REASONS, LeaveReason
from resolvers import operator_acts
from resolvers.sources import Sources


@click.group(help="Members: what the operator decides about them.")
def member() -> None:
    """Group of the member commands."""


@member.command(help="End a membership by the operator's decision, and record why.")
@click.argument("login")
@click.option("--portal", "key", required=True, help="Key of the portal.")
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in OPERATOR_REASONS]),
    required=True,
)
def end(login: str, key: str, reason: str) -> None:
    async def work(sources: Sources) -> bool:
        if key not in sources.portals:
            raise click.ClickException(f"there is no portal {key!r}.")
        known = await sources.members.by_login(key, login)
        if known is None:
            return False
        return await operator_acts.end(sources, known.member, LeaveReason(reason))

    with databases(read_settings()) as settings:
        ended = run(settings, work)
    if not ended:
        raise click.ClickException(f"{key} has no member {login}.")
    click.echo(f"{login} is no member of {key} any more: {reason}.")
