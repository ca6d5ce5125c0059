"""`kenshin app`: partners' apps, which are OAuth clients."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import click

from commands.environment import databases, read_settings, run
from datasources.apps import new_app_id
from datasources.collections import migrate
from datasources.tokens import new_token
from domain.app_forms import app_faults
from domain.consents import App, AppGrant, Scope
from resolvers import consents
from resolvers.sources import Sources


@click.group(help="Partners' apps: OAuth clients that members may let see something.")
def app() -> None:
    """Group of the app commands."""


@app.command(help="Register an app. Its secret is shown once; a public app has none.")
@click.argument("name")
@click.option("--public", is_flag=True, help="It can keep no secret: on a phone, in a browser.")
@click.option("--redirect", "redirects", multiple=True, help="Address after the consent, exactly.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may ask for; without: everything.",
)
@click.option("--origin", "origins", multiple=True, help="Of a web page that calls this server.")
@click.option("--own-token", is_flag=True, help="It may also act for itself, as webhooks need.")
@click.option("--documents-only", is_flag=True, help="Only documents registered for it are run.")
@click.option("--website", default="", help="Of the partner, as members see it.")
@click.option("--contact", default="", help="Of the partner, as members see it.")
def add(
    name: str,
    *,
    public: bool,
    redirects: Sequence[str],
    scopes: Sequence[str],
    origins: Sequence[str],
    own_token: bool,
    documents_only: bool,
    website: str,
    contact: str,
) -> None:
    grants = {AppGrant.AUTHORIZATION_CODE} if redirects else set()
    if own_token:
        grants.add(AppGrant.CLIENT_CREDENTIALS)
    if not grants:
        raise click.ClickException("an app needs a --redirect, an --own-token, or both.")
    secret = None if public else new_token()

    async def work(sources: Sources) -> App:
        made = App(
            id=new_app_id(),
            name=name,
            redirect_uris=tuple(redirects),
            public=public,
            scopes=frozenset(map(Scope, scopes or Scope)),
            grants=frozenset(grants),
            origins=tuple(origins),
            documents_only=documents_only,
            website=website,
            contact=contact,
            created_at=sources.clock(),
        )
        _require_right(made)
        await migrate(sources.mongo)
        await sources.apps.add(made, secret)
        return made

    with databases(read_settings()) as settings:
        made = run(settings, work)
    click.echo(f"client id: {made.id}")
    if secret is not None:
        click.echo(f"client secret, shown only here: {secret}")


@app.command("list", help="All apps, those that have ended too.")
def list_() -> None:
    with databases(read_settings()) as settings:
        found = run(settings, lambda sources: sources.apps.all())
    for each in found:
        kind = "public" if each.public else "secret"
        state = "" if each.ended_at is None else f"  ended {each.ended_at:%Y-%m-%d}"
        scopes = " ".join(scope for scope in Scope if scope in each.scopes)
        click.echo(f"{each.id}  {kind}  {each.name}  {scopes}{state}")
        for label, text in _settings_of(each):
            click.echo(f"    {label} {text}".rstrip())
    if not found:
        click.echo("There are no apps: kenshin app add registers one.")


def _settings_of(app: App) -> Iterator[tuple[str, str]]:
    """What an app was registered with beside its scopes, as options of `kenshin app add`."""
    yield from (("--redirect", address) for address in app.redirect_uris)
    yield from (("--origin", origin) for origin in app.origins)
    if AppGrant.CLIENT_CREDENTIALS in app.grants:
        yield "--own-token", ""
    if app.documents_only:
        yield "--documents-only", ""


@app.command(help="Change an app: what is given takes the place of all that was there.")
@click.argument("app_id")
@click.option("--redirect", "redirects", multiple=True, help="Address after the consent, exactly.")
@click.option("--origin", "origins", multiple=True, help="Of a web page that calls this server.")
@click.option("--website", default="", help="Of the partner, as members see it.")
@click.option("--contact", default="", help="Of the partner, as members see it.")
def change(
    app_id: str, *, redirects: Sequence[str], origins: Sequence[str], website: str, contact: str
) -> None:
    columns = {
        "redirect_uris": tuple(redirects),
        "origins": tuple(origins),
        "website": website,
        "contact": contact,
    }
    given: dict[str, Any] = {name: value for name, value in columns.items() if value}
    if not given:
        raise click.ClickException("say what is to be changed.")

    async def work(sources: Sources) -> bool:
        known = await sources.apps.by_id(app_id)
        if known is None:
            return False
        grants = known.grants | ({AppGrant.AUTHORIZATION_CODE} if redirects else set())
        changed = replace(known, grants=grants, **given)
        _require_right(changed)
        return await sources.apps.change(changed)

    with databases(read_settings()) as settings:
        found = run(settings, work)
    if not found:
        raise click.ClickException(f"there is no app {app_id}, or it has ended.")
    click.echo(f"{app_id} is changed.")


def _require_right(app: App) -> None:
    """Raises ClickException for the first thing that is wrong with an app."""
    for fault in app_faults(app):
        raise click.ClickException(f"{fault}.")


@app.command("new-secret", help="Replace the secret of an app; the old one works no more.")
@click.argument("app_id")
def new_secret(app_id: str) -> None:
    with databases(read_settings()) as settings:
        secret = run(settings, lambda sources: sources.apps.renew_secret(app_id))
    if secret is None:
        raise click.ClickException(f"there is no app {app_id} with a secret.")
    click.echo(f"client secret, shown only here: {secret}")


@app.command(help="End an app: its tokens, all consents to it, and their subscriptions.")
@click.argument("app_id")
def end(app_id: str) -> None:
    with databases(read_settings()) as settings:
        ended = run(settings, lambda sources: consents.end_app(sources, app_id))
    if not ended:
        raise click.ClickException(f"there is no app {app_id}.")
    click.echo(f"{app_id} has ended.")
