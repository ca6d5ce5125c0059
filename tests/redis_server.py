"""A Valkey of our own, which a test may freeze, kill and start again."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from datasources.embedded_binaries import _until_parent_dies, free_port, valkey
from tests.command_line import wait_until

_START_SECONDS = 30


class RedisServer:
    """A server that keeps its port from one start to the next."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.port = free_port()
        self.client = Redis(port=self.port)
        self._program = valkey(folder)
        self._flags = flags
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def runs(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        command = (*self._program.command, "--port", str(self.port), *self._flags)
        with self._program.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_until_parent_dies(), *command], stdout=log, stderr=log
            )
        wait_until(self._answers, _START_SECONDS)

    def kill(self) -> None:
        """Kill -9; the port is free afterwards."""
        self.client.close()
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        assert self._process
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def ask(self, *command: object) -> Any:
        return self.client.execute_command(*command)  # type: ignore[no-untyped-call] # redis-py

    def cut_subscribers(self) -> None:
        """End the connections that have subscribed to something."""
        self.ask("CLIENT", "KILL", "TYPE", "pubsub")

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False
