"""`kenshin staff`: who of the company may look at members and act for them."""

from collections.abc import Sequence

import click

from commands.environment import databases, read_settings, run
from datasources.collections import migrate
from datasources.staff import StaffLoginTaken
from domain.staff import Staff, StaffCredentials, StaffRole
from resolvers import staff_accounts
from resolvers.sources import Sources

_typed = click.option("--type-password", is_flag=True, help="Ask for the password, don't make one.")


@click.group(help="Staff of the company: their accounts.")
def staff() -> None:
    """Group of the staff commands."""


@staff.command(help="Make an account. A password that is made up is shown once.")
@click.argument("login")
@click.option("--name", required=True, help="As it is shown to them.")
@click.option(
    "--role", "role", type=click.Choice([role.value for role in StaffRole]), required=True
)
@click.option("--portal", "keys", multiple=True, help="Whose members they see; without: all.")
@_typed
def add(login: str, name: str, role: str, keys: Sequence[str], type_password: bool) -> None:
    portals = frozenset(keys) if keys else None
    account = Staff(staff_accounts.new_id(), login, name, StaffRole(role), portals)
    password = _password(type_password)

    async def work(sources: Sources) -> None:
        for key in keys:
            if key not in sources.portals:
                raise click.ClickException(f"there is no portal {key!r}.")
        for fault in staff_accounts.faults(account, password):
            raise click.ClickException(f"{'.'.join(fault.field)} {fault.message}.")
        await migrate(sources.mongo)
        await staff_accounts.add(sources, account, password)

    with databases(read_settings()) as settings:
        try:
            run(settings, work)
        except StaffLoginTaken:
            raise click.ClickException(f"somebody has or had the login ID {login}.") from None
    _say(f"{login} can log in as {role}", password, type_password)


@staff.command(help="Replace a forgotten password; a lock is opened, and all sessions end.")
@click.argument("login")
@_typed
def password(login: str, type_password: bool) -> None:
    new = _password(type_password)

    async def work(sources: Sources) -> bool:
        known = await _known(sources, login)
        if fault := staff_accounts.wrong_password(known.staff, new):
            raise click.ClickException(f"{'.'.join(fault.field)} {fault.message}.")
        return await staff_accounts.set_password(sources, known, new)

    with databases(read_settings()) as settings:
        done = run(settings, work)
    if not done:
        raise click.ClickException(f"the account of {login} was changed meanwhile: try again.")
    _say(f"{login} has a new password", new, type_password)


@staff.command(help="End an account and all its sessions. Nobody gets its login ID again.")
@click.argument("login")
def end(login: str) -> None:
    async def work(sources: Sources) -> bool:
        return await staff_accounts.end(sources, await _known(sources, login))

    with databases(read_settings()) as settings:
        done = run(settings, work)
    if not done:
        raise click.ClickException(f"the account of {login} was changed meanwhile: try again.")
    click.echo(f"{login} can log in no more.")


@staff.command("list", help="All accounts, those that have ended too.")
def list_() -> None:
    with databases(read_settings()) as settings:
        found = run(settings, lambda sources: sources.staff.all())
    for known in found:
        who = known.staff
        portals = "all portals" if who.portals is None else ", ".join(sorted(who.portals))
        state = "" if known.ended_at is None else f"  ended {known.ended_at:%Y-%m-%d}"
        click.echo(f"{who.login_id:20}  {who.role:8}  {who.name}  {portals}{state}")
    if not found:
        click.echo("There is no staff: kenshin staff add makes an account.")


async def _known(sources: Sources, login: str) -> StaffCredentials:
    known = await sources.staff.by_login(login)
    if known is None or known.ended_at is not None:
        raise click.ClickException(f"there is no staff {login}.")
    return known


def _password(typed: bool) -> str:
    if not typed:
        return staff_accounts.made_up_password()
    given: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return given


def _say(what: str, secret: str, typed: bool) -> None:
    click.echo(f"{what}." if typed else f"{what}. The password, shown only here: {secret}")
