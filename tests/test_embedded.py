"""Real servers are started, killed and started again; only a missing program is made up."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient, WriteConcern
from pymongo.errors import AutoReconnect
from redis import Redis

from datasources import embedded, embedded_binaries
from datasources.embedded import Addresses, EmbeddedError, EmbeddedServers, running
from datasources.embedded_binaries import free_port

_REPOSITORY = Path(__file__).parent.parent

# Starts servers, stores a document with the acknowledgement of the journal, says so, and stays.
_OWNER = """
import sys, time
from pathlib import Path
from pymongo import MongoClient, WriteConcern
from datasources import embedded_binaries
from datasources.embedded import EmbeddedServers

folder, until_parent_dies = Path(sys.argv[1]), sys.argv[2] == "until parent dies"
if not until_parent_dies:
    embedded_binaries._until_parent_dies = tuple
addresses = EmbeddedServers(folder).start()
with MongoClient(addresses.mongodb_url) as client:
    journaled = WriteConcern(w="majority", j=True)
    client.test.get_collection("kept", write_concern=journaled).insert_one({"_id": 1})
print("stored", flush=True)
time.sleep(60)
"""


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="is about a feature of Linux")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServers]:
    """Servers for tests that leave them running."""
    servers = EmbeddedServers(tmp_path_factory.mktemp("shared"))
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[EmbeddedServers]:
    servers = EmbeddedServers(tmp_path)
    yield servers
    servers.stop()


def test_both_servers_take_writes_and_messages_as_soon_as_start_returns(
    servers: EmbeddedServers,
) -> None:
    addresses = servers.start()

    assert servers.addresses == addresses
    assert _insert(addresses, 1) == [1]
    redis_address = ("127.0.0.1", urlsplit(addresses.redis_url).port)
    with (
        closing(Redis.from_url(addresses.redis_url)) as redis,
        socket.create_connection(redis_address, timeout=5) as listener,
    ):
        listener.sendall(b"SUBSCRIBE readings\r\n")
        assert listener.recv(100) == b"*3\r\n$9\r\nsubscribe\r\n$8\r\nreadings\r\n:1\r\n"
        assert redis.publish("readings", b"7") == 1
        assert listener.recv(100) == b"*3\r\n$7\r\nmessage\r\n$8\r\nreadings\r\n$1\r\n7\r\n"


def test_the_replica_set_serves_transactions_and_change_streams(shared: EmbeddedServers) -> None:
    with _connect(shared.addresses) as client, client.test.watched.watch() as changes:
        with client.start_session() as session, session.start_transaction():
            client.test.watched.insert_one({"_id": 1}, session=session)
        assert next(changes)["fullDocument"] == {"_id": 1}


def test_data_survive_a_stop_and_a_start_on_another_port(servers: EmbeddedServers) -> None:
    first = servers.start()
    _insert(first, 1)
    servers.stop()

    second = servers.start()

    assert second.mongodb_url != first.mongodb_url
    assert _insert(second, 2) == [1, 2]


def test_stop_ends_both_processes_even_while_clients_are_connected(
    servers: EmbeddedServers, tmp_path: Path
) -> None:
    addresses = servers.start()
    pids = _server_pids(tmp_path)
    with _connect(addresses) as client:
        client.test.kept.insert_one({"_id": 1})
        servers.stop()

    assert len(pids) == 2
    assert not any(map(_runs, pids))


def test_stop_may_come_before_start_and_twice(servers: EmbeddedServers) -> None:
    servers.stop()
    servers.stop()

    assert servers.addresses is None


def test_a_process_that_ignores_the_request_to_end_is_ended_by_force(
    servers: EmbeddedServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasources.embedded._STOP_SECONDS", 0.2)
    servers.start()
    pids = _server_pids(tmp_path)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)

    servers.stop()

    assert not any(map(_runs, pids))


def test_running_names_the_servers_until_they_are_stopped(
    servers: EmbeddedServers, tmp_path: Path
) -> None:
    assert running(tmp_path) is None
    addresses = servers.start()
    assert running(tmp_path) == addresses
    servers.stop()
    servers.stop()
    assert running(tmp_path) is None
    assert servers.addresses is None


def test_running_knows_no_servers_of_which_one_has_died(
    servers: EmbeddedServers, tmp_path: Path
) -> None:
    servers.start()
    os.kill(_server_pids(tmp_path)[0], signal.SIGKILL)
    _wait_until(lambda: running(tmp_path) is None)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"owner": 1}'])
def test_running_knows_no_servers_when_their_record_is_damaged(tmp_path: Path, text: str) -> None:
    (tmp_path / "servers.json").write_text(text)

    assert running(tmp_path) is None


def test_a_second_start_on_the_same_folder_says_where_the_first_one_answers(
    shared: EmbeddedServers,
) -> None:
    addresses = shared.addresses
    assert addresses is not None

    with pytest.raises(EmbeddedError) as caught:
        EmbeddedServers(shared._folder).start()

    assert str(caught.value) == (
        f"Embedded servers already run on {shared._folder}, at {addresses.mongodb_url} and "
        f"{addresses.redis_url}. Stop the process that started them, choose another folder with "
        "KENSHIN_DATA, or use them: set KENSHIN_MONGODB_URL and KENSHIN_REDIS_URL."
    )
    assert running(shared._folder) == addresses


def test_of_two_starts_at_the_same_time_one_fails_and_the_other_one_serves(tmp_path: Path) -> None:
    owners = [_owner(tmp_path), _owner(tmp_path)]
    try:
        said = sorted(_first_line(owner) for owner in owners)
        addresses = running(tmp_path)
        assert said == ["", "stored"]
        assert addresses is not None
        assert _insert(addresses, 2) == [1, 2]
    finally:
        for owner in owners:
            _kill(owner)


@linux_only
def test_servers_end_by_themselves_when_their_process_is_killed(tmp_path: Path) -> None:
    owner = _owner(tmp_path)
    assert _first_line(owner) == "stored"
    pids = _server_pids(tmp_path)
    assert all(map(_runs, pids))

    _kill(owner)

    _wait_until(lambda: not any(map(_runs, pids)))
    assert running(tmp_path) is None
    with EmbeddedServers(tmp_path) as addresses:
        assert _insert(addresses, 2) == [1, 2]


@pytest.mark.parametrize("bond", ["until parent dies", "no parent-death signal"])
def test_a_start_right_after_a_kill_waits_for_the_old_servers_and_has_their_data(
    tmp_path: Path, bond: str
) -> None:
    owner = _owner(tmp_path, bond)
    assert _first_line(owner) == "stored"
    pids = _server_pids(tmp_path)

    _kill(owner)

    with EmbeddedServers(tmp_path) as addresses:
        assert _insert(addresses, 2) == [1, 2]
        _wait_until(lambda: not any(map(_runs, pids)))


def test_a_connection_that_mongod_closes_while_it_takes_its_part_is_made_anew(
    servers: EmbeddedServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, closed = embedded._be_the_member, ["connection closed"]

    def be_the_member(client: MongoClient[dict[str, Any]], host: str) -> None:
        if closed:
            raise AutoReconnect(closed.pop())
        told(client, host)

    monkeypatch.setattr(embedded, "_be_the_member", be_the_member)
    assert _insert(servers.start(), 1) == [1]
    assert not closed


def test_a_mongod_killed_at_work_has_what_it_acknowledged(
    servers: EmbeddedServers, tmp_path: Path
) -> None:
    _insert(servers.start(), 1)
    for pid in _server_pids(tmp_path):
        os.kill(pid, signal.SIGKILL)
    servers.stop()

    assert _insert(servers.start(), 2) == [1, 2]


def test_a_port_that_another_process_took_meanwhile_is_exchanged(
    servers: EmbeddedServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        ports = iter([taken, taken])
        monkeypatch.setattr(embedded_binaries, "free_port", lambda: next(ports, 0) or free_port())

        addresses = servers.start()

    assert next(ports, None) is None
    assert str(taken) not in addresses.mongodb_url + addresses.redis_url
    assert _insert(addresses, 1) == [1]


def test_only_redis_starts_no_mongodb(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path, mongodb=False) as addresses:
        assert addresses.mongodb_url == ""
        with closing(Redis.from_url(addresses.redis_url)) as redis:
            assert redis.set("a", 1)
        assert running(tmp_path) == addresses
    assert not (tmp_path / "mongodb").exists()


def test_only_mongodb_starts_no_redis_even_in_a_very_long_relative_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("long" * 40, "long" * 40)
    with EmbeddedServers(folder, redis=False) as addresses:
        assert addresses.redis_url == ""
        assert _insert(addresses, 1) == [1]
        assert running(folder) == addresses
        assert len(_server_pids(folder)) == 1
    assert not (folder / "valkey.log").exists()


def test_redis_keeps_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        with (
            EmbeddedServers(tmp_path, mongodb=False) as addresses,
            closing(Redis.from_url(addresses.redis_url)) as redis,
        ):
            assert redis.dbsize() == 0
            redis.set("a", 1)


def test_a_program_that_ends_instead_of_starting_names_its_log_and_leaves_nothing_running(
    servers: EmbeddedServers, tmp_path: Path
) -> None:
    (tmp_path / "mongodb").mkdir()
    (tmp_path / "mongodb" / "WiredTiger").write_text("nonsense")
    (tmp_path / "mongodb" / "storage.bson").write_text("nonsense")

    with pytest.raises(EmbeddedError) as caught:
        servers.start()

    assert str(caught.value).startswith("mongod ended with exit status ")
    assert str(caught.value).endswith(
        f" instead of starting: see {tmp_path}/mongodb.log, or set KENSHIN_MONGODB_URL to use "
        "another server."
    )
    assert running(tmp_path) is None
    assert servers._processes == []


def test_a_folder_that_stays_locked_is_given_up_in_the_end(
    shared: EmbeddedServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_binaries, "_LOCK_SECONDS", 0.3)
    record, hidden = shared._folder / "servers.json", shared._folder / "hidden"
    record.rename(hidden)

    with pytest.raises(EmbeddedError, match="another mongod holds the folder"):
        EmbeddedServers(shared._folder).start()

    hidden.rename(record)
    assert running(shared._folder) == shared.addresses


def _connect(addresses: Addresses | None) -> MongoClient[dict[str, Any]]:
    assert addresses is not None
    # A client whose server has gone closes after this long.
    return MongoClient(addresses.mongodb_url, w="majority", serverSelectionTimeoutMS=2000)


def _insert(addresses: Addresses, key: int) -> list[int]:
    """Store a document, of which the journal is to have a copy, and return the keys of all."""
    with _connect(addresses) as client:
        kept = client.test.get_collection("kept", write_concern=WriteConcern(w="majority", j=True))
        kept.insert_one({"_id": key})
        return [document["_id"] for document in kept.find().sort("_id")]


def _server_pids(folder: Path) -> list[int]:
    pids: list[int] = json.loads((folder / "servers.json").read_text())["servers"]
    return pids


def _owner(folder: Path, bond: str = "until parent dies") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _OWNER, str(folder), bond]
    return subprocess.Popen(
        command, cwd=_REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def _first_line(owner: subprocess.Popen[str]) -> str:
    assert owner.stdout is not None
    return owner.stdout.readline().strip()


def _kill(owner: subprocess.Popen[str]) -> None:
    owner.kill()
    owner.communicate()


def _runs(pid: int) -> bool:
    """Whether the process exists and is not one that has ended and waits to be noticed."""
    try:
        os.kill(pid, 0)
        return sys.platform != "linux" or ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def _wait_until(condition: Callable[[], bool], limit_seconds: float = 20) -> None:
    deadline = time.monotonic() + limit_seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
