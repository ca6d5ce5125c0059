"""`kenshin app`: partners' apps that the operator registers and ends."""

import re
from dataclasses import replace

import pytest

from datasources.embedded import Addresses
from domain.consents import AppGrant, ConsentEnd, Scope
from tests.api import Api
from tests.command_line import CommandLine
from tests.consenting import connected
from tests.world import World

NAMES = "{ viewer { facilities(first: 1) { nodes { name } } } }"


@pytest.fixture
def command_line(servers: Addresses, api: Api) -> CommandLine:
    """Commands on the database of the served API."""
    return CommandLine.on(servers, api.sources.mongo.name)


async def test_an_app_is_registered_gets_a_new_secret_and_is_ended(
    api: Api, world: World, command_line: CommandLine
) -> None:
    options = ("--redirect", "https://app.example/cb", "--scope", "usage:read", "--own-token")
    made = command_line.run("app", "add", "おうち電気", *options)
    shown = re.fullmatch(
        r"client id: (app-[0-9a-f]{20})\nclient secret, shown only here: (\S{43})\n", made.out
    )
    assert shown
    key, secret = shown.groups()
    app = await api.sources.apps.proven(key, secret)
    assert app is not None
    assert (app.name, app.redirect_uris) == ("おうち電気", ("https://app.example/cb",))
    assert (set(app.scopes), set(app.grants)) == ({Scope.USAGE_READ}, set(AppGrant))
    assert secret not in repr(await api.sources.mongo.find("apps", {}))

    renewed = command_line.run("app", "new-secret", key).out.split()[-1]
    assert await api.sources.apps.proven(key, secret) is None
    assert await api.sources.apps.proven(key, renewed) == app

    moved = ("--redirect", "https://app.example/new")
    assert command_line.run("app", "change", key, *moved).out == f"{key} is changed.\n"
    assert await api.sources.apps.proven(key, renewed) == replace(app, redirect_uris=moved[1:])

    consent, opened = await connected(
        api.sources, world.alice.member, [world.alice.facility.number], app=key
    )
    assert command_line.run("app", "end", key).out == f"{key} has ended.\n"
    assert await api.code(NAMES, opened.access_token) == "UNAUTHENTICATED"
    (ended,) = (await api.sources.consents.by_ids([consent.id])).values()
    assert ended.end is ConsentEnd.APP_ENDED
    listed = command_line.run("app", "list").out
    assert listed.startswith(f"{key}  public  おうち電気メーター  usage:read")
    assert "  ended " in listed
    assert listed.splitlines()[1:] == [
        "    --redirect https://app.example/callback",
        "    --origin https://app.example",
        "    --own-token",
    ]


def test_an_app_that_could_not_be_used_is_refused(command_line: CommandLine) -> None:
    for options, told in (
        ((), "an app needs a --redirect, an --own-token, or both."),
        (("--public", "--own-token"), "a public app has no secret, and so no token of its own."),
    ):
        refused = command_line.run("app", "add", "x", *options)
        assert (refused.code, refused.err) == (1, f"Error: {told}\n")
