"""`kenshin portal check FILE`: a line for every fault, and exit codes for scripts."""

from pathlib import Path

import pytest

from tests.command_line import CommandLine, without_settings
from tests.policies import INVENTED

COMMANDS = CommandLine(without_settings())


def test_a_right_file_is_said_to_be_right() -> None:
    answer = COMMANDS.run("portal", "check", INVENTED)
    assert (answer.code, answer.out, answer.err) == (
        0,
        f"{INVENTED}: あおぞらの窓 is a portal.\n",
        "",
    )


def test_a_wrong_file_has_a_line_for_every_fault_and_exit_code_1(tmp_path: Path) -> None:
    file = tmp_path / "umi.toml"
    text = INVENTED.read_text("utf-8")
    file.write_text(text.replace("attempts = 3", "attempts = 0") + "colour = 1\n", "utf-8")
    lines = text.split("\n")

    answer = COMMANDS.run("portal", "check", file)

    assert (answer.code, answer.err) == (1, "")
    assert answer.out.splitlines() == [
        (
            f"{file}:{lines.index('attempts = 3') + 1}: lockout.attempts: "
            "expected a whole number 3 to 100, found 0"
        ),
        f"{file}:{len(lines)}: mail_kinds[0].colour: unknown key; known are topic, label, at_first",
    ]


@pytest.mark.parametrize("name", [".", "none.toml"])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    answer = COMMANDS.run("portal", "check", tmp_path / name)
    assert answer.code == 2
    assert "Traceback" not in answer.err


def test_a_server_with_a_wrong_file_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "umi.toml").write_text('name = "うみ"\n', "utf-8")
    answer = COMMANDS.run(
        "migrate", KENSHIN_PORTALS=str(tmp_path), KENSHIN_DATA=str(tmp_path / "data")
    )
    assert answer.code == 1
    assert f"{tmp_path / 'umi.toml'}:1: company: expected a text, found nothing" in answer.err
    assert "Traceback" not in answer.err
    assert not (tmp_path / "data").exists()
