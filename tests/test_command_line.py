"""`kenshin` as a process: what it prints, with what it ends, what it leaves in the database."""

import errno
import json
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from datasources.embedded import Addresses
from tests.api import Api, Clock, fresh_name
from tests.command_line import Answer, CommandLine, without_settings
from tests.world import World


@pytest.fixture
def empty(servers: Addresses) -> Iterator[Any]:
    """A database without anything."""
    with MongoClient[dict[str, Any]](servers.mongodb_url) as client:
        name = fresh_name()
        yield client[name]
        client.drop_database(name)


@pytest.fixture
def without_databases(tmp_path: Path) -> CommandLine:
    """Commands that would start embedded databases in an empty folder."""
    return CommandLine(without_settings(KENSHIN_DATA=str(tmp_path / "data")))


@pytest.fixture
def command_line(servers: Addresses, api: Api) -> CommandLine:
    """Commands on the database of the served API."""
    return CommandLine.on(servers, api.sources.mongo.name)


async def hand_in(api: Api, world: World, token: str) -> int:
    """Status of handing one reading in with a service token."""
    line = {
        "supplyPointNumber": world.alice.facility.supply_point,
        "startAt": api.sources.clock().replace(minute=0).isoformat(),
        "kwh": 0.25,
    }
    response = await api.client.post(
        "/ingest/readings",
        content=json.dumps(line),
        headers={
            "authorization": f"Bearer {token}",
            "content-type": "application/x-ndjson",
            "idempotency-key": "1",
        },
    )
    return response.status_code


def content_of(database: Any) -> dict[str, Any]:
    """Validator and indexes of every collection."""
    return {
        found["name"]: (found["options"]["validator"], database[found["name"]].index_information())
        for found in database.list_collections()
    }


def test_help_lists_the_commands_and_needs_no_database(without_databases: CommandLine) -> None:
    answer = without_databases.run("--help", KENSHIN_PORT="abc")

    assert (answer.code, answer.err) == (0, "")
    listed = answer.out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed if line[2] != " "] == [
        "app",
        "bill",
        "demo",
        "document",
        "import",
        "letters",
        "member",
        "migrate",
        "outbox",
        "plan",
        "portal",
        "serve",
        "staff",
        "terms",
        "token",
    ]


def test_migrate_makes_the_collections_and_again_changes_nothing(
    servers: Addresses, empty: Any
) -> None:
    command_line = CommandLine.on(servers, empty.name)
    done = Answer(0, "Collections and indexes are up to date.\n", "")

    assert command_line.run("migrate") == done
    made = content_of(empty)
    assert command_line.run("migrate") == done

    assert content_of(empty) == made
    assert {"members", "facilities", "usageDays", "bills"} <= made.keys()


async def test_a_created_token_hands_readings_in(
    api: Api, world: World, command_line: CommandLine
) -> None:
    answer = command_line.run("token", "create", "meter system")

    assert (answer.code, answer.err) == (0, "")
    (token,) = answer.out.splitlines()
    assert await hand_in(api, world, token) == 200
    assert await hand_in(api, world, f"{token}x") == 401


async def test_a_token_with_days_hands_readings_in_until_they_are_over(
    api: Api, world: World, command_line: CommandLine, clock: Clock
) -> None:
    answer = command_line.run("token", "create", "meter system", "--days", "3")

    (token,) = answer.out.splitlines()
    clock.now = datetime.now(UTC) + timedelta(days=3, minutes=-1)
    assert await hand_in(api, world, token) == 200
    clock.advance(minutes=2)
    assert await hand_in(api, world, token) == 401


def test_a_wrong_smtp_url_is_one_line_without_its_secret(without_databases: CommandLine) -> None:
    answer = without_databases.run("serve", KENSHIN_SMTP_URL="http://user:secret@mail")

    assert answer == Answer(
        1,
        "",
        "Error: KENSHIN_SMTP_URL must be smtp://[user:password@]host[:port] or smtps://…\n",
    )


@pytest.mark.parametrize("address", ["portal", "検針@portal.example", "a@b\r\nBcc: c@d"])
def test_a_sender_that_is_no_address_is_one_line(
    without_databases: CommandLine, address: str
) -> None:
    answer = without_databases.run("serve", KENSHIN_MAIL_FROM=address)

    assert answer == Answer(1, "", "Error: KENSHIN_MAIL_FROM must be an e-mail address\n")


def test_mail_goes_to_a_server_or_into_a_folder_not_both(without_databases: CommandLine) -> None:
    answer = without_databases.run(
        "serve", KENSHIN_SMTP_URL="smtp://mail", KENSHIN_MAIL_FOLDER="mail"
    )

    assert answer == Answer(1, "", "Error: set KENSHIN_SMTP_URL or KENSHIN_MAIL_FOLDER, not both\n")


def test_a_wrong_setting_is_one_line_that_names_it(without_databases: CommandLine) -> None:
    answer = without_databases.run("serve", KENSHIN_PORT="abc")

    assert answer == Answer(1, "", "Error: KENSHIN_PORT must be a whole number, found 'abc'\n")


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_port_in_use_is_one_line_that_names_it_and_no_database_is_started(
    command: str, without_databases: CommandLine, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = without_databases.run(command, KENSHIN_PORT=str(port))

    assert (answer.code, answer.out) == (1, "")
    (line,) = answer.err.splitlines()
    assert line.startswith(
        f"Error: cannot listen on 127.0.0.1:{port} (KENSHIN_HOST, KENSHIN_PORT): "
        f"[Errno {errno.EADDRINUSE}] {os.strerror(errno.EADDRINUSE)}"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_none_is_one_line_that_names_it(without_databases: CommandLine) -> None:
    answer = without_databases.run("serve", "--port", "99999")

    assert answer == Answer(
        1,
        "",
        "Error: cannot listen on 127.0.0.1:99999 (KENSHIN_HOST, KENSHIN_PORT): "
        "bind(): port must be 0-65535.\n",
    )


def test_a_zone_that_is_none_is_one_line_that_names_it(without_databases: CommandLine) -> None:
    answer = without_databases.run("import", __file__, "--zone", "Europe/Tokyo")

    assert answer == Answer(1, "", "Error: --zone: Europe/Tokyo is not an IANA time zone\n")
