"""Databases of our own, which a test may freeze, kill and start again."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from datasources.embedded import EmbeddedServers, _accepts
from datasources.embedded_binaries import Program, _until_parent_dies, mongod, valkey
from tests.command_line import wait_until

_END_SECONDS = 10


def kill_servers(folder: Path) -> None:
    """Kill -9 what `EmbeddedServers` started with a folder."""
    for pid in _pids(folder):
        os.kill(pid, signal.SIGKILL)


def _pids(folder: Path) -> Sequence[int]:
    """Of Valkey, then of mongod; as far as they were started."""
    record = folder / "servers.json"
    pids: Sequence[int] = json.loads(record.read_text())["servers"] if record.exists() else ()
    return pids


class Databases:
    """A mongod and a Valkey of our own, each of which can be frozen, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._servers = EmbeddedServers(folder)
        self._started: list[subprocess.Popen[bytes]] = []
        self.addresses = self._servers.start()
        self._redis_pid, self._mongodb_pid = _pids(folder)

    @contextmanager
    def frozen(self, pid: int) -> Iterator[None]:
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def mongodb_frozen(self) -> Any:
        return self.frozen(self._mongodb_pid)

    def redis_frozen(self) -> Any:
        return self.frozen(self._redis_pid)

    def kill_mongodb(self) -> None:
        self._kill(self._mongodb_pid, self.addresses.mongodb_url)

    def kill_redis(self) -> None:
        self._kill(self._redis_pid, self.addresses.redis_url)

    def start_mongodb(self) -> None:
        self._mongodb_pid = self._start(mongod(self._folder), self.addresses.mongodb_url)

    def start_redis(self) -> None:
        self._redis_pid = self._start(valkey(self._folder), self.addresses.redis_url)

    def stop(self) -> None:
        self._servers.stop()
        for process in self._started:
            process.kill()
            process.wait()

    def _kill(self, pid: int, url: str) -> None:
        """Kill -9; the port is free afterwards."""
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not _accepts(url), _END_SECONDS)

    def _start(self, program: Program, url: str) -> int:
        """Start a program again on the port that it had."""
        with program.log.open("ab") as output:
            process = subprocess.Popen(
                [*_until_parent_dies(), *program.command, "--port", str(urlsplit(url).port)],
                stdout=output,
                stderr=output,
                env=program.environment,
            )
        self._started.append(process)
        return process.pid
