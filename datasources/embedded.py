"""Real MongoDB and Valkey servers on this machine, for development and tests.

Where the programs come from and how they are started is in `datasources.embedded_binaries`.
"""

import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import (
    AutoReconnect,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from datasources.embedded_binaries import EmbeddedError, Process, Program, mongod, pause, valkey

__all__ = ["Addresses", "EmbeddedError", "EmbeddedServers", "running"]

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 15.0
_CONNECT_SECONDS: Final = 1.0
_NOT_YET_INITIALIZED: Final = 94


@dataclass(frozen=True, slots=True)
class Addresses:
    """URLs of the servers; empty for one that was not asked for."""

    mongodb_url: str
    redis_url: str

    @property
    def urls(self) -> list[str]:
        """Of the servers that were asked for."""
        return [url for url in (self.mongodb_url, self.redis_url) if url]


class EmbeddedServers:
    """Real mongod (one-node replica set rs0) and Valkey for development and tests.

    MongoDB keeps its data in `folder/mongodb` from one start to the next, Valkey keeps nothing.
    The logs are `folder/*.log`.
    """

    def __init__(self, folder: Path, *, mongodb: bool = True, redis: bool = True) -> None:
        self._folder = folder.absolute()
        self._mongodb = mongodb
        self._redis = redis
        self._processes: list[Process] = []
        self._addresses: Addresses | None = None

    def __enter__(self) -> Addresses:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def addresses(self) -> Addresses | None:
        """Where the servers are, from the end of `start` to `stop`."""
        return self._addresses

    def start(self) -> Addresses:
        """Start the servers and wait until MongoDB takes writes and Valkey answers.

        Call it from the main thread: Linux ends the servers when the *thread* that started them
        ends (that is how they go away when this process is killed). Raises EmbeddedError.
        """
        _refuse_second_start(self._folder)
        _end_orphans(self._folder)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._addresses = self._start()
            _Record.of(self._addresses, self._processes).write(self._folder)
        except BaseException:
            self.stop()
            raise
        return self._addresses

    def stop(self) -> None:
        """End the servers, by force after 15 seconds; does nothing when they do not run.

        Close clients of MongoDB first: one that finds no server takes 30 seconds to close.
        """
        self._addresses = None
        processes, self._processes = self._processes, []
        record = _Record.read(self._folder)
        if record and set(record.servers) & {process.pid for process in processes}:
            _Record.path(self._folder).unlink(missing_ok=True)
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for process in processes:
            process.wait_for_end(deadline)

    def _start(self) -> Addresses:
        deadline = time.monotonic() + _START_SECONDS
        redis = self._launch(valkey(self._folder)) if self._redis else None
        mongodb = self._launch(mongod(self._folder)) if self._mongodb else None
        redis_url = mongodb_url = ""
        if redis:
            port = redis.wait_for_port(deadline)
            _ping(port, deadline)
            redis_url = f"redis://127.0.0.1:{port}/0"
        if mongodb:
            port = mongodb.wait_for_port(deadline)
            _make_primary(port, deadline)
            mongodb_url = f"mongodb://127.0.0.1:{port}/?replicaSet=rs0"
        return Addresses(mongodb_url, redis_url)

    def _launch(self, program: Program) -> Process:
        process = Process(program, lambda: _refuse_second_start(self._folder))
        self._processes.append(process)
        return process


def running(folder: Path) -> Addresses | None:
    """Addresses of the servers that a live process runs on this folder; None if none does."""
    record = _Record.read(folder)
    if record and _is_alive(record.owner) and record.serves():
        return record.addresses
    return None


def _refuse_second_start(folder: Path) -> None:
    addresses = running(folder)
    if addresses:
        urls = " and ".join(addresses.urls)
        raise EmbeddedError(
            f"Embedded servers already run on {folder}, at {urls}. Stop the process that started "
            "them, choose another folder with KENSHIN_DATA, or use them: set KENSHIN_MONGODB_URL "
            "and KENSHIN_REDIS_URL."
        )


def _end_orphans(folder: Path) -> None:
    """End what a killed process left running, which only a system other than Linux allows."""
    record = _Record.read(folder)
    if record and not _is_alive(record.owner) and record.serves():
        for pid in record.servers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class _Record:
    """Who runs which servers on a folder: its file `servers.json`."""

    owner: int
    servers: list[int]
    addresses: Addresses

    @classmethod
    def of(cls, addresses: Addresses, processes: list[Process]) -> Self:
        return cls(os.getpid(), [process.pid for process in processes], addresses)

    @staticmethod
    def path(folder: Path) -> Path:
        return folder / "servers.json"

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Return None when there is no such file or it cannot be read."""
        try:
            values = json.loads(cls.path(folder).read_bytes())
            return cls(values["owner"], values["servers"], Addresses(**values["addresses"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        draft = folder / f"servers.{self.owner}.tmp"
        draft.write_text(json.dumps(asdict(self)))
        draft.replace(self.path(folder))

    def serves(self) -> bool:
        return all(map(_is_alive, self.servers)) and all(map(_accepts, self.addresses.urls))


def _make_primary(port: int, deadline: float) -> None:
    """Wait until mongod takes writes, as the one member of its replica set at this port."""
    host = f"127.0.0.1:{port}"
    client: MongoClient[dict[str, Any]]
    try:
        with MongoClient(host, directConnection=True) as client:
            while not _is_primary(client, host):
                pause(deadline, "mongod does not become primary", "KENSHIN_MONGODB_URL")
    except PyMongoError as error:
        raise EmbeddedError(
            f"mongod started but its replica set cannot be set up: {error}. "
            "Set KENSHIN_MONGODB_URL to use another server."
        ) from error


def _is_primary(client: MongoClient[dict[str, Any]], host: str) -> bool:
    """Whether mongod takes writes; if it does not, it is told to."""
    try:
        if client.admin.command("hello")["isWritablePrimary"]:
            return True
        _be_the_member(client, host)
    except ServerSelectionTimeoutError:
        raise
    except AutoReconnect:
        pass  # a mongod that takes another part in its set closes connections
    return False


def _be_the_member(client: MongoClient[dict[str, Any]], host: str) -> None:
    config = client["local"]["system.replset"].find_one()
    try:
        if config is None:
            members = [{"_id": 0, "host": host}]
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        elif config["members"][0]["host"] != host:
            # Kept data remember the port of last time. Only force counts without a majority.
            config["members"][0]["host"] = host
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)
    except OperationFailure as error:
        if error.code != _NOT_YET_INITIALIZED:  # it listens a little before it has read its config
            raise


def _ping(port: int, deadline: float) -> None:
    while True:
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", port), _CONNECT_SECONDS) as connection,
        ):
            connection.sendall(b"PING\r\n")
            if connection.recv(16).startswith(b"+PONG"):
                return
        pause(deadline, "valkey-server does not answer", "KENSHIN_REDIS_URL")


def _accepts(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port), _CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # where os.kill(pid, 0) means Ctrl-C; whether the ports accept must do
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's
    return True
