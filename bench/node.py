"""Node and the packages of `bench/peers`, which are installed at first use."""

import os
import re
import subprocess
from pathlib import Path
from typing import Final

from bench.harness import BenchError
from web.build import Node, PageBuildError, find_node, wheel_node

PEERS: Final = Path(__file__).with_name("peers")
_SECONDS: Final = 300
_ERROR: Final = re.compile(r"^npm error (.+)$", re.MULTILINE)
_SHOWN: Final = 3
_INSTALL: Final = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")


def node() -> tuple[str, ...]:
    """The command that starts Node; the packages are there. Raises BenchError without."""
    try:
        found = _found()
        if not _is_installed(PEERS):
            _install(found, PEERS)
    except (PageBuildError, OSError, subprocess.TimeoutExpired) as error:
        raise BenchError(f"the Node peers cannot be had: {error}") from None
    return found.node


def _found() -> Node:
    """The pinned one, so that figures do not depend on which Node a machine happens to have."""
    return wheel_node() or find_node()


def _is_installed(folder: Path) -> bool:
    installed = folder / "node_modules" / ".package-lock.json"
    lock = folder / "package-lock.json"
    return installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime


def _install(found: Node, folder: Path) -> None:
    done = subprocess.run(
        [*found.npm, *_INSTALL],
        cwd=folder,
        env=os.environ | {"npm_config_update_notifier": "false"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        said = _ERROR.findall(done.stdout)
        reason = "; ".join(said[:_SHOWN]) or f"status {done.returncode}"
        raise BenchError(f"the Node peers cannot be had: npm ci failed in {folder}: {reason}")
