"""Processor cores: the measured server has one for itself, load and database have another.

Where a system cannot pin processes, or has one core, everything runs where it likes.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Cores:
    """Numbers of the cores; None where there is no choice."""

    server: int | None
    load: int | None


@contextmanager
def two_cores() -> Iterator[Cores]:
    """This process and its databases on the load's core until the block is left."""
    if sys.platform != "linux" or len(ours := sorted(os.sched_getaffinity(0))) == 1:
        print("server and load share cores, figures are noisier", file=sys.stderr)
        yield Cores(None, None)
        return
    cores = Cores(server=ours[-1], load=ours[0])
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    try:
        _pin(processes, {ours[0]})
        yield cores
    finally:
        _pin(processes, set(ours))


@contextmanager
def starting_on(core: int | None) -> Iterator[None]:
    """What is started in the block runs on that core: a process inherits where it may run."""
    if core is None or sys.platform != "linux":
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _pin(processes: list[psutil.Process], cores: set[int]) -> None:
    if sys.platform != "linux":
        return
    for process in processes:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            for thread in process.threads():
                os.sched_setaffinity(thread.id, cores)
