"""JavaScript's clients, in processes of their own: the packages of `tests/npm`."""

import json
import subprocess
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.node import node as node_of_peers
from web.build import find_node

NPM = Path(__file__).parent / "npm"
_INSTALL_SECONDS = 300


def node_with_packages() -> tuple[str, ...]:
    """The command that starts Node, once the packages are there."""
    found = find_node()
    installed = NPM / "node_modules" / ".package-lock.json"
    lock = NPM / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        done = subprocess.run(
            [*found.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=NPM,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=_INSTALL_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"npm ci failed in tests/npm: {done.stderr}"
    return found.node


@asynccontextmanager
async def running(
    node: tuple[str, ...], *arguments: str, stdin: int | None = None
) -> AsyncIterator[Process]:
    """A script of `tests/npm` with its arguments; killed when the block is left."""
    process = await create_subprocess_exec(
        *node, *arguments, cwd=NPM, stdin=stdin, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def printed(process: Process) -> AsyncGenerator[dict[str, Any]]:
    """The JSON lines that a script prints."""
    assert process.stdout is not None
    async for line in process.stdout:
        yield json.loads(line)


if __name__ == "__main__":  # before tests run side by side
    node_with_packages()
    node_of_peers()
