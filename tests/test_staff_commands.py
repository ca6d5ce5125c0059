"""`kenshin staff`: accounts of staff, which the operator makes and ends."""

import asyncio
import re

import pytest
from click.testing import CliRunner

from commands import environment
from datasources.embedded import Addresses
from domain.staff import Staff, StaffRole
from kenshin import main
from resolvers import staff_accounts
from tests.api import Api
from tests.command_line import Answer, CommandLine
from tests.staffing import STAFF_PASSWORD, WHO_OF_STAFF, acts, hired, staff_log_in, token_of

TYPED = "Otter-in-the-pond-9"
CLERK = ("clerk", "--name", "受付 太郎", "--role", "CLERK")


@pytest.fixture
def command_line(servers: Addresses, api: Api) -> CommandLine:
    """Commands on the database of the served API."""
    return CommandLine.on(servers, api.sources.mongo.name)


def typing(command_line: CommandLine, password: str) -> tuple[int, str]:
    """Exit code and output of a command that asks for a password twice; it runs in this process."""
    given = ["staff", "password", "CLERK", "--type-password"]
    typed = f"{password}\n{password}\n"
    done = CliRunner(env=dict(command_line.environment)).invoke(main, given, input=typed)
    return done.exit_code, done.output


async def test_an_account_is_made_gets_a_new_password_and_is_ended(
    api: Api, command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = command_line.run("staff", "add", *CLERK, "--portal", "hepco", "--portal", "mirai")
    shown = re.fullmatch(
        r"clerk can log in as CLERK\. The password, shown only here: (\S{20})\n", made.out
    )
    assert (made.code, made.err) == (0, "")
    assert shown
    session = (await staff_log_in(api, "clerk", shown.group(1)))["session"]
    assert session["staff"]["portals"] == ["hepco", "mirai"]

    monkeypatch.setattr(environment, "configure_logs", lambda *_: None)
    short = await asyncio.to_thread(typing, command_line, "short")
    assert short[0] == 1
    assert short[1].endswith("Error: password must have at least 12 characters, found 5.\n")
    code, out = await asyncio.to_thread(typing, command_line, TYPED)
    assert code == 0
    assert out.endswith("CLERK has a new password.\n")
    assert TYPED not in out
    assert await api.code(WHO_OF_STAFF, session["accessToken"]) == "UNAUTHENTICATED"
    assert (await staff_log_in(api, "clerk", shown.group(1)))["session"] is None
    token = (await staff_log_in(api, "clerk", TYPED))["session"]["accessToken"]

    ended = command_line.run("staff", "end", "Clerk")
    assert ended == Answer(0, "Clerk can log in no more.\n", "")
    assert await api.code(WHO_OF_STAFF, token) == "UNAUTHENTICATED"
    assert (await staff_log_in(api, "clerk", TYPED))["session"] is None
    again = command_line.run("staff", "add", "CLERK", *CLERK[1:])
    assert again == Answer(1, "", "Error: somebody has or had the login ID CLERK.\n")

    await hired(api.sources, "boss", StaffRole.MANAGER)
    listed = command_line.run("staff", "list")
    assert re.fullmatch(
        r"boss +MANAGER +受付 太郎  all portals\n"
        r"clerk +CLERK +受付 太郎  hepco, mirai  ended \d{4}-\d\d-\d\d\n",
        listed.out,
    )
    done = await acts(api, await token_of(api, "boss"))
    by_operator = [act for act, login_id in done if login_id is None]
    added = ["STAFF_ADDED", "STAFF_ADDED"]
    assert sorted(by_operator) == [*added, "STAFF_ENDED", "STAFF_PASSWORD_SET"]


@pytest.mark.parametrize(
    ("login_id", "name", "faults"),
    [
        ("clerk", "受付 太郎", []),
        ("受付", " ", ["LOGIN", "--name"]),
        (STAFF_PASSWORD, "受付 太郎", ["password"]),
    ],
)
def test_all_that_is_wrong_with_an_account_is_named(
    login_id: str, name: str, faults: list[str]
) -> None:
    account = Staff("1", login_id, name, StaffRole.CLERK, None)
    found = staff_accounts.faults(account, STAFF_PASSWORD)
    assert [".".join(fault.field) for fault in found] == faults
