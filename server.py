"""Puts the application together and serves it. Other commands: `commands/`, by `kenshin.py`."""

import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any, cast

import click
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from commands.documents import document_commands
from commands.environment import databases, read_settings, run
from datasources.collections import migrate as migrate_collections
from domain.demo import APP_SECRET, PASSWORD, demo_members
from domain.settings import Settings
from resolvers.demo import demo_facilities, fill_demo, is_filled, put_apps
from resolvers.demo_feed import feed_demo
from resolvers.lifecycle import Lifecycle, Task
from resolvers.sources import Sources, open_sources
from schema.browser_session import session_routes
from schema.clients import Clients
from schema.dev_mail import dev_mail_routes
from schema.download_files import FilesView
from schema.drain import DrainingServer
from schema.health import Readiness, healthz
from schema.http import GraphQLView
from schema.http_protocol import HttpProtocol
from schema.ingest import IngestView
from schema.nodes import node_id
from schema.oauth.routes import oauth_routes
from schema.observing import Operations
from schema.origins import Cors, Origins
from schema.page import WIDGET, Pages
from schema.requests import RequestLog
from schema.root import open_schema
from schema.security_headers import security_headers
from schema.socket import GraphQLSocket
from schema.straight import Straight
from schema.tallies import Tallies
from schema.traced import Traced
from schema.trusted import Trusted, fault_of
from schema.wire import SocketProtocol


def create_app(sources: Sources, *tasks: Task, demo: bool = False) -> ASGIApp:
    """The ASGI application over these sources; connects when its lifespan begins.

    Pages of a `demo` know how to log in.
    """
    schema = open_schema(sources.settings.text_cache_mb << 20, sources.settings)
    tallies = Tallies()
    operations = Operations(tallies, sources)
    origins, trusted = Origins(sources), Trusted(schema, sources)
    sockets = GraphQLSocket(schema, sources, operations, origins, trusted)
    lifecycle = Lifecycle(sources, sockets.report, *tasks)
    pages = Pages(sources.portals.values(), demo=demo)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with lifecycle.running():
            yield

    app = Starlette(
        routes=[
            Route("/files/{token}", FilesView(sources), methods=["GET", "HEAD"]),
            Route("/ingest/readings", IngestView(sources, tallies).answer, methods=["POST"]),
            Route("/healthz", healthz),
            Route("/readyz", Readiness(lifecycle).answer),
            *_metrics(sources, tallies, sockets),
            *session_routes(sources),
            *oauth_routes(sources),
            *dev_mail_routes(sources.settings.mail_folder),
            *pages.routes,
        ],
        middleware=[
            Middleware(RequestLog, tallies=tallies),
            Middleware(Cors, origins=origins, public=WIDGET),
            *([Middleware(Traced, tracing=sources.tracing)] if sources.tracing else []),
        ],
        lifespan=lifespan,
    )
    view: ASGIApp = GraphQLView(
        schema, sources, Clients(_behind_proxies), operations, origins, trusted, pages
    )
    if sources.tracing:
        view = Traced(view, sources.tracing)
    endpoints: dict[str, ASGIApp] = {
        "http": RequestLog(view, tallies),
        "websocket": _behind_proxies(sockets),
    }
    return Straight(_behind_proxies(app), "/graphql", endpoints)


def _metrics(sources: Sources, tallies: Tallies, sockets: GraphQLSocket) -> Sequence[BaseRoute]:
    if not sources.settings.metrics_token:
        return []
    from schema.metrics import MetricsView  # noqa: PLC0415 - its library takes long to import

    return [Route("/metrics", MetricsView(sources, tallies, sockets.counts).answer)]


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
        http=cast("Any", partial(HttpProtocol, slow_seconds=settings.slow_request_seconds)),
        ws=SocketProtocol,
        headers=[*security_headers(settings.public_url)],
        server_header=False,
        proxy_headers=False,  # create_app reads them where they matter
        ws_max_size=settings.max_request_bytes,
        ws_ping_interval=None,  # TCP finds dead peers; 1011 is final for clients
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=settings.drain_seconds,
        access_log=False,
        log_config=None,
    )


@click.command(help="Serve the API. KENSHIN_MONGODB_URL and KENSHIN_REDIS_URL name the databases.")
@click.option("--host", help="Address to listen on (KENSHIN_HOST).")
@click.option("--port", type=int, help="Port to listen on (KENSHIN_PORT).")
def serve(host: str | None, port: int | None) -> None:
    settings = read_settings()
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    with _listening(settings) as listener, databases(settings) as settings:
        serve_app(create_app(open_sources(settings)), settings, listener)


@click.command(help="Serve the API with demo data and a live demo feed.")
def demo() -> None:
    settings = replace(read_settings(), graphiql="on", introspection="everybody")
    if not settings.smtp_url:
        folder = settings.mail_folder or str(settings.data / "mail")
        settings = replace(settings, mail_folder=folder)
    private = settings.webhook_private_hosts or "127.0.0.1 localhost"
    settings = replace(settings, webhook_private_hosts=private)
    with _listening(settings) as listener, databases(settings) as settings:
        facility = run(settings, _prepare_demo)
        click.echo(_greeting(settings.host, listener.getsockname()[1], facility))
        serve_app(create_app(open_sources(settings), feed_demo, demo=True), settings, listener)


document = document_commands(fault_of)


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


async def _prepare_demo(sources: Sources) -> int:
    """Fill the demo unless that was done before; gives the number of its first facility."""
    await migrate_collections(sources.mongo)
    if not await is_filled(sources):
        await fill_demo(sources)
    await put_apps(sources)
    return (await demo_facilities(sources))[0].number


def _greeting(host: str, port: int, facility: int) -> str:
    """What to do with the demo; `facility` is one of its first member."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - nothing is bound
    address = f"[{reached}]:{port}" if ":" in reached else f"{reached}:{port}"
    members = demo_members()
    return _GREETING % {
        "page": f"http://{address}/",
        "url": f"http://{address}/graphql",
        "mail": f"http://{address}/dev/mail",
        "logins": "\n".join(
            f"  {member.portal:9}  {member.login_id:20}  {PASSWORD}  "
            f"{member.name}, {len(member.places)} place{'s'[: len(member.places) - 1]}"
            for member in members
        ),
        "app_secret": APP_SECRET,
        "portal": members[0].portal,
        "login_id": members[0].login_id,
        "password": PASSWORD,
        "facility": node_id("Facility", facility),
    }


_GREETING = """
Kenshin runs at %(page)s, its API at %(url)s. Ctrl-C ends it.

  portal     login ID              password
%(logins)s

For partners (docs/partners.md): sandbox, and sandbox-server, secret %(app_secret)s.
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

A subscription, to paste into GraphiQL, which browsers get at the API's address, logged in:

    subscription {
      readings(facilityIds: ["%(facility)s"]) { reading { startAt kwh quality revision } state }
    }
"""
