"""The front door: puts the application together, and the `kenshin` command line."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from tqdm import tqdm
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from datasources.collections import migrate as migrate_collections
from datasources.embedded import EmbeddedError, EmbeddedServers, running
from datasources.logs import configure_logs
from datasources.mail_texts import read_mail_texts
from datasources.mongo import Mongo, PyMongoError, describe, is_down
from datasources.portal_files import WrongPolicyFile, read_portal, read_portals
from datasources.redis_wire import Access
from domain.demo import PASSWORD, demo_members
from domain.leaving import OPERATOR_REASONS, LeaveReason
from domain.outbox import Channel
from domain.readings import Direction
from domain.settings import Settings
from domain.slots import TOKYO
from resolvers.demo import demo_facilities, fill_demo, is_filled
from resolvers.demo_feed import feed_demo
from resolvers.imports import Import, ImportRefused, RecordKind
from resolvers.leaving import end_membership
from resolvers.lifecycle import Lifecycle, Task
from resolvers.postman import open_carrier
from resolvers.sources import Sources, open_sources
from schema.clients import Clients
from schema.dev_mail import dev_mail_routes
from schema.drain import DrainingServer
from schema.graphiql import PAGE_FOLDER
from schema.health import Readiness, healthz
from schema.http import GraphQLView
from schema.ingest import IngestView
from schema.nodes import node_id
from schema.requests import RequestLog
from schema.root import KenshinSchema
from schema.socket import GraphQLSocket
from schema.straight import Straight
from schema.wire import HttpProtocol, SocketProtocol

_Result = TypeVar("_Result")
_COMMAND_TIMEOUT = 60.0
"Seconds; long enough for the large transactions of an import."


def create_app(sources: Sources, *tasks: Task) -> ASGIApp:
    """The ASGI application over these sources; connects when its lifespan begins."""
    schema = KenshinSchema(sources.settings.text_cache_mb << 20)
    sockets = GraphQLSocket(schema, sources)
    lifecycle = Lifecycle(sources, sockets.report, *tasks)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with lifecycle.running():
            yield

    app = Starlette(
        routes=[
            Route("/ingest/readings", IngestView(sources).answer, methods=["POST"]),
            Route("/healthz", healthz),
            Route("/readyz", Readiness(lifecycle).answer),
            *dev_mail_routes(sources.settings.mail_folder),
            *_page_assets(),
        ],
        middleware=[Middleware(RequestLog)],
        lifespan=lifespan,
    )
    view = RequestLog(GraphQLView(schema, sources, Clients(_behind_proxies)))
    endpoints: dict[str, ASGIApp] = {"http": view, "websocket": _behind_proxies(sockets)}
    return Straight(_behind_proxies(app), "/graphql", endpoints)


def _behind_proxies(app: ASGIApp) -> ASGIApp:
    """The application with the client's address as trusted proxies tell it.

    By it sockets and log-ins are counted; queries don't ask for it.
    """
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
    behind: Any = ProxyHeadersMiddleware(cast("Any", app), trusted)
    return cast("ASGIApp", behind)


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http=HttpProtocol,
        ws=SocketProtocol,
        proxy_headers=False,  # create_app reads them where they matter
        ws_max_size=settings.max_request_bytes,
        ws_ping_interval=None,  # TCP finds dead peers; 1011 is final for clients
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=settings.drain_seconds,
        access_log=False,
        log_config=None,
    )


@click.group(help="Kenshin: the GraphQL API behind an electricity company's member portal.")
@click.version_option(package_name="kenshin")
def main() -> None:
    """Read no settings here: every command does, and says what is wrong with them."""


@main.command(help="Serve the API. KENSHIN_MONGODB_URL and KENSHIN_REDIS_URL name the databases.")
@click.option("--host", help="Address to listen on (KENSHIN_HOST).")
@click.option("--port", type=int, help="Port to listen on (KENSHIN_PORT).")
def serve(host: str | None, port: int | None) -> None:
    settings = _settings()
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    with _listening(settings) as listener, _databases(settings) as settings:
        _serve(settings, listener)


@main.command(help="Serve the API with demo data and a live demo feed.")
def demo() -> None:
    settings = _settings()
    if not settings.smtp_url:
        folder = settings.mail_folder or str(settings.data / "mail")
        settings = replace(settings, mail_folder=folder)
    with _listening(settings) as listener, _databases(settings) as settings:
        facility = _run(settings, _prepare_demo)
        click.echo(_greeting(settings.host, listener.getsockname()[1], facility))
        _serve(settings, listener, feed_demo)


@main.command(help="Make collections, validators and indexes; again changes nothing.")
def migrate() -> None:
    async def work(sources: Sources) -> None:
        await migrate_collections(sources.mongo)

    with _databases(_settings()) as settings:
        _run(settings, work)
    click.echo("Collections and indexes are up to date.")


@main.group(help="Service tokens of the systems that hand readings in.")
def token() -> None:
    """Group of the token commands."""


@token.command(help="Make a token for POST /ingest/readings. It is shown once.")
@click.argument("name")
@click.option("--days", type=click.IntRange(1), help="Days until it expires; never without.")
def create(name: str, days: int | None) -> None:
    async def work(sources: Sources) -> str:
        await migrate_collections(sources.mongo)
        now = sources.clock()
        expires_at = None if days is None else now + timedelta(days=days)
        return await sources.service_tokens.create(name, now, expires_at)

    with _databases(_settings()) as settings:
        click.echo(_run(settings, work))


@main.group(help="Policies of portals.")
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


@main.group(help="Members.")
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
        at = sources.clock()
        return await end_membership(sources, known.member, LeaveReason(reason), at)

    with _databases(_settings()) as settings:
        ended = _run(settings, work)
    if not ended:
        raise click.ClickException(f"{key} has no member {login}.")
    click.echo(f"{login} is no member of {key} any more: {reason}.")


@main.group(help="Messages to members that could not be sent.")
def outbox() -> None:
    """Group of the outbox commands."""


@outbox.command("list", help="What was given up, the newest first.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
def list_(limit: int) -> None:
    with _databases(_settings()) as settings:
        dead = _run(settings, lambda sources: sources.outbox.dead(limit))
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
        return [await sources.outbox.resend(message) for message in ids]

    with _databases(_settings()) as settings:
        resent = dict(zip(ids, _run(settings, work), strict=True))
    for message in filter(resent.get, resent):
        click.echo(f"{message} waits again.")
    if unknown := [message for message in ids if not resent[message]]:
        raise click.ClickException(f"nothing that was given up has the id {', '.join(unknown)}.")


@main.command(help="Print the letters that wait: PDF files of postcards, and a CSV for each.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
def letters(out: Path) -> None:
    # What PDFs need takes long to load, and no other command needs it.
    from resolvers.letters import Printed, print_letters  # noqa: PLC0415

    async def work(sources: Sources) -> list[Printed]:
        waiting = await sources.outbox.due(Channel.LETTER)
        with tqdm(total=waiting, desc="Letters", delay=0.5, disable=None) as bar:
            runs = [await print_letters(sources, out, bar.update)]
            while runs[-1].files:
                runs.append(await print_letters(sources, out, bar.update))
        return runs

    with _databases(_settings()) as settings:
        try:
            runs = _run(settings, work)
        except OSError as error:
            raise click.ClickException(f"cannot write the letters: {error}") from None
    for run in runs:
        if run.files:
            pdf, table = run.files
            click.echo(f"{run.letters} letters: {pdf} and {table.name}")
    if not runs[0].files:
        click.echo("No letter waits.")
    if given_up := sum(run.given_up for run in runs):
        click.echo(f"Cannot be printed: {given_up}; see `kenshin outbox list`.")


@main.command("import", help="Import a file of readings, members, facilities, periods or bills.")
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
        await migrate_collections(sources.mongo)
        with tqdm(total=size, desc=file.name, unit="B", unit_scale=True, delay=0.5) as bar:
            return await plan.run(sources, bar.update)

    with _databases(_settings()) as settings:
        try:
            click.echo(_run(settings, work))
        except ImportRefused as error:
            raise click.ClickException(str(error)) from None


def _settings() -> Settings:
    try:
        settings = Settings.from_environment(os.environ)
        if settings.redis_url:
            Access.of(settings.redis_url)
        # What is wrong with them is told before a database is started.
        open_carrier(settings)
        read_mail_texts()
        read_portals(settings.portals)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    configure_logs(settings.log_format, settings.log_level)
    return settings


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise click.ClickException(f"--zone: {name} is not an IANA time zone") from None


@contextmanager
def _databases(settings: Settings) -> Iterator[Settings]:
    """Settings with addresses of databases: those given, those that run here, or new ones."""
    if settings.mongodb_url and settings.redis_url:
        yield settings
        return
    servers = EmbeddedServers(
        settings.data, mongodb=not settings.mongodb_url, redis=not settings.redis_url
    )
    found = running(settings.data)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        addresses = found or servers.start()
    except EmbeddedError as error:
        raise click.ClickException(str(error)) from None
    try:
        yield replace(
            settings,
            mongodb_url=settings.mongodb_url or addresses.mongodb_url,
            redis_url=settings.redis_url or addresses.redis_url,
        )
    except KeyboardInterrupt:
        click.echo()
    finally:
        servers.stop()


def _run(settings: Settings, work: Callable[[Sources], Awaitable[_Result]]) -> _Result:
    """Run a command's work with sources of its own."""

    async def with_sources() -> _Result:
        sources = open_sources(
            settings, Mongo(settings.mongodb_url, timeout_seconds=_COMMAND_TIMEOUT)
        )
        try:
            return await work(sources)
        finally:
            await sources.close()

    try:
        return asyncio.run(with_sources())
    except PyMongoError as error:
        host = urlsplit(settings.mongodb_url).hostname
        problem = "does not answer" if is_down(error) else f"refuses: {describe(error)}"
        raise click.ClickException(f"MongoDB at {host} {problem}") from None


def _listening(settings: Settings) -> socket.socket:
    """A socket that takes connections at once, so that nobody else gets the port meanwhile."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except (OSError, OverflowError) as error:
        raise click.ClickException(
            f"cannot listen on {settings.host}:{settings.port} (KENSHIN_HOST, KENSHIN_PORT): {error}"
        ) from None


def serve_app(app: ASGIApp, settings: Settings, listener: socket.socket) -> None:
    """Serve until a signal ends the process."""
    server = DrainingServer(server_config(app, settings))
    server.long_lived.begin()
    server.run([listener])


def _serve(settings: Settings, listener: socket.socket, *tasks: Task) -> None:
    serve_app(create_app(open_sources(settings), *tasks), settings, listener)


async def _prepare_demo(sources: Sources) -> int:
    """Fill the demo unless that was done before; gives the number of its first facility."""
    await migrate_collections(sources.mongo)
    if not await is_filled(sources):
        await fill_demo(sources)
    return (await demo_facilities(sources))[0].number


def _greeting(host: str, port: int, facility: int) -> str:
    """What to do with the demo; `facility` is one of its first member."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nothing is bound
    address = f"[{reached}]:{port}" if ":" in reached else f"{reached}:{port}"
    members = demo_members()
    return _GREETING % {
        "url": f"http://{address}/graphql",
        "mail": f"http://{address}/dev/mail",
        "logins": "\n".join(
            f"  {member.portal:9}  {member.login_id:20}  {PASSWORD}  "
            f"{member.name}, {len(member.places)} place{'s'[: len(member.places) - 1]}"
            for member in members
        ),
        "portal": members[0].portal,
        "login_id": members[0].login_id,
        "password": PASSWORD,
        "facility": node_id("Facility", facility),
    }


_GREETING = """
Kenshin runs at %(url)s (GraphiQL in a browser). Ctrl-C ends it.

  portal     login ID              password
%(logins)s

Mail to members is shown at %(mail)s.
A query, to paste into a shell:

    token=$(curl -s %(url)s -H 'content-type: application/json' -d '{
      "query": "mutation($input: LogInInput!) { logIn(input: $input) { session { accessToken } } }",
      "variables": {"input": {
        "portal": "%(portal)s", "loginId": "%(login_id)s", "password": "%(password)s"}}
    }' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
    curl -sG %(url)s -H "authorization: Bearer $token" --data-urlencode 'query={
      viewer { facilities(first: 3) { totalCount nodes { id name latestReading { startAt kwh } } } }
    }'; echo

A subscription, to paste into GraphiQL; its Headers need what `echo $token` prints after the query:

    subscription {
      readings(facilityIds: ["%(facility)s"]) { reading { startAt kwh quality revision } state }
    }

    {"authorization": "Bearer <token>"}
"""


def _page_assets() -> Sequence[BaseRoute]:
    assets = PAGE_FOLDER / "assets"
    return [Mount("/assets", StaticFiles(directory=assets))] if assets.is_dir() else []
