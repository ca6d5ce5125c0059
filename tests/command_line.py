"""`kenshin` as a user starts it: a process of its own, on the databases that a test names."""

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

from datasources.embedded import Addresses
from kenshin import MODULES, main

REPOSITORY = Path(__file__).parent.parent
_LIMIT_SECONDS = 120
_DIE_WITH_PARENT = 1
"PR_SET_PDEATHSIG of Linux, so that nothing stays of tests that were killed."
_FORKS = multiprocessing.get_context("forkserver")
"Processes begin with all modules there: reading them takes longer than most commands."
_FORKS.set_forkserver_preload([*MODULES.values()])


def without_settings(**settings: str) -> dict[str, str]:
    """The environment with these Kenshin settings and no others."""
    others = {name: text for name, text in os.environ.items() if not name.startswith("KENSHIN_")}
    return others | settings


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class CommandLine:
    environment: Mapping[str, str]

    @classmethod
    def on(cls, servers: Addresses, database: str) -> "CommandLine":
        """Commands on one database, which the path of the URL names."""
        mongodb_url = urlunsplit(urlsplit(servers.mongodb_url)._replace(path=f"/{database}"))
        return cls(
            without_settings(KENSHIN_MONGODB_URL=mongodb_url, KENSHIN_REDIS_URL=servers.redis_url)
        )

    def run(self, *arguments: str | Path, **settings: str) -> Answer:
        with TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            process = start_kenshin(arguments, {**self.environment, **settings}, out, err)
            process.join(_LIMIT_SECONDS)
            assert process.exitcode is not None, "took too long"
            return Answer(process.exitcode, out.read_text("utf-8"), err.read_text("utf-8"))


def start_kenshin(
    arguments: Sequence[str | Path], environment: Mapping[str, str], out: Path, err: Path
) -> BaseProcess:
    """The process of a command, whose output is added to these files."""
    process = _FORKS.Process(
        target=_be_kenshin, args=([*map(str, arguments)], dict(environment), out, err), daemon=True
    )
    process.start()
    return process


def _be_kenshin(arguments: list[str], environment: dict[str, str], out: Path, err: Path) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(REPOSITORY)
    for file, descriptor in ((out, 1), (err, 2)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), descriptor)
    sys.argv = ["kenshin", *arguments]
    main()


def wait_until(condition: Callable[[], object], seconds: float) -> None:
    """Wait for a condition; fails after the limit."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.02)
