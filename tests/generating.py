"""Programs that make clients from a schema and operations, each in a process of its own.

ariadne-codegen needs an older graphql-core than the API, so it has a folder of packages of its own.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from schema.print import SCHEMA
from tests.node import NPM, node_with_packages

_REQUIREMENTS: Final = Path(__file__).parent / "ariadne" / "requirements.txt"
_PACKAGES: Final = Path(sys.prefix) / "ariadne-codegen"
_SECONDS: Final = 300
_OPERATION: Final = re.compile(r"\A(?:(query|mutation|subscription)\b *\w*|(?={))", re.ASCII)
"Kind and name, if it has any."


def named(operation: str, name: str) -> str:
    """An operation under another name, with its kind at the end, as Relay wants it."""

    def with_name(found: re.Match[str]) -> str:
        kind = found[1] or "query"
        return f"{kind} {name}{kind.title()} "

    return _OPERATION.sub(with_name, operation)


def relay(folder: Path, modules: Mapping[str, str]) -> Sequence[str]:
    """What relay-compiler makes of documents, each in the module that its name begins with."""
    sources, made = folder / "src", folder / "made"
    sources.mkdir()
    made.mkdir()
    for name, document in modules.items():
        (sources / f"{name}.ts").write_text(f"graphql`\n{document}`;\n", "utf-8")
    (folder / "schema.graphql").write_text(SCHEMA.read_text("utf-8"), "utf-8")
    settings = {
        "src": "./src",
        "schema": "./schema.graphql",
        "artifactDirectory": "./made",
        "language": "typescript",
    }
    (folder / "relay.config.json").write_text(json.dumps(settings), "utf-8")
    compiler = NPM / "node_modules" / "relay-compiler" / "cli.js"
    _run([*node_with_packages(), str(compiler), "relay.config.json"], folder)
    return sorted(path.name for path in made.iterdir())


def typescript(folder: Path, operations: Iterable[str]) -> str:
    """The types and documents that GraphQL Code Generator makes."""
    script = [*node_with_packages(), str(NPM / "generate.mjs")]
    return _run([*script, str(SCHEMA), str(_file(folder, operations))], folder)


def ariadne(folder: Path, operations: Iterable[str]) -> Mapping[str, str]:
    """The environment in which `kenshin_client` can be imported, which ariadne-codegen makes."""
    settings = {
        "schema_path": str(SCHEMA),
        "queries_path": str(_file(folder, operations)),
        "target_package_name": "kenshin_client",
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    text = "\n".join(["[tool.ariadne-codegen]", *lines, ""])
    (folder / "pyproject.toml").write_text(text, "utf-8")
    environment = {"PYTHONPATH": os.pathsep.join([str(_ariadne_packages()), str(folder)])}
    _run([sys.executable, "-m", "ariadne_codegen"], folder, environment)
    return os.environ | environment


def _file(folder: Path, operations: Iterable[str]) -> Path:
    path = folder / "operations.graphql"
    path.write_text("\n".join(operations), "utf-8")
    return path


def _ariadne_packages() -> Path:
    done = _PACKAGES / _REQUIREMENTS.name
    wanted = _REQUIREMENTS.read_text("utf-8")
    if not done.is_file() or done.read_text("utf-8") != wanted:
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        target = ["--no-deps", "--upgrade", "--target", str(_PACKAGES)]
        _run([*pip, *target, "-r", str(_REQUIREMENTS)], _REQUIREMENTS.parent)
        done.write_text(wanted, "utf-8")
    return _PACKAGES


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | (environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


if __name__ == "__main__":  # before tests run side by side
    _ariadne_packages()
