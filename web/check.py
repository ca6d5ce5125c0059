"""Checks the sources of the pages: types, format and lint, and the tests of what needs no browser.

Run as `python -m web.check`, and with `--write` to format and mend what a tool can mend. What only a
browser shows is in `tests/page`.
"""

import subprocess
import sys
from pathlib import Path

import click

from web.build import WEB, Node, PageBuildError, find_node, generate, install

TOOLS = (
    ("typescript/bin/tsc", "--noEmit"),
    ("@biomejs/biome/bin/biome", "ci", "--error-on-warnings"),
    ("vitest/vitest.mjs", "run", "--reporter=dot", "--pool=threads", "--hookTimeout=60000"),
)
MENDER = ("@biomejs/biome/bin/biome", "check", "--write")
LIMIT_SECONDS = 300


@click.command()
@click.option("--write", is_flag=True, help="Format and mend instead.")
def main(*, write: bool) -> None:
    """Check the sources of the pages."""
    check(WEB, (MENDER,) if write else TOOLS)


def check(web: Path, tools: tuple[tuple[str, ...], ...] = TOOLS) -> None:
    """Ends the process with 1 if a tool finds something."""
    try:
        node = find_node()
        install(web, node)
        generate(web, node)
    except PageBuildError as reason:
        click.echo(f"Pages not checked: {reason}", err=True)
        sys.exit(1)
    running = [_start(web, node, *tool) for tool in tools]
    # All of them end, and tell what they find, before one of them fails the check.
    faults = [_finds(tool) for tool in running]
    if any(faults):
        sys.exit(1)


def _start(web: Path, node: Node, tool: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - packages of the lock file, and nothing typed by a user
        [*node.node, str(web / "node_modules" / tool), *arguments],
        cwd=web,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )


def _finds(tool: subprocess.Popen[str]) -> bool:
    """Whether it finds something, which is printed; what a tool says that finds nothing is not."""
    try:
        output, _ = tool.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        tool.kill()
        output, _ = tool.communicate()
    if tool.returncode != 0:
        click.echo(output)
    return tool.returncode != 0


if __name__ == "__main__":
    main()
