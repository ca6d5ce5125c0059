"""`kenshin member`: memberships that the operator ends (MB-16)."""

import pytest

from datasources.embedded import Addresses
from domain.leaving import OPERATOR_REASONS
from tests.api import Api
from tests.command_line import Answer, CommandLine
from tests.logging_in import WHO, code_of
from tests.world import World


@pytest.fixture
def command_line(servers: Addresses, api: Api) -> CommandLine:
    """Commands on the database of the served API."""
    return CommandLine.on(servers, api.sources.mongo.name)


def end(command_line: CommandLine, login: str, portal: str, reason: str) -> Answer:
    return command_line.run("member", "end", login, "--portal", portal, "--reason", reason)


async def test_a_membership_ends_with_its_reason_and_its_sessions(
    api: Api, world: World, command_line: CommandLine
) -> None:
    answer = end(command_line, "ALICE@example.jp", "denki-jtb", "PERSON_DIED")

    ended = "ALICE@example.jp is no member of denki-jtb any more: PERSON_DIED.\n"
    assert (answer.code, answer.out) == (0, ended)
    (gone,) = await api.sources.mongo.find("members", {"_id": world.alice.member})
    assert (gone["state"], gone["leaveReason"]) == ("WITHDRAWN", "PERSON_DIED")
    (entry,) = await api.sources.audit.changes_of(world.alice.member, 10)
    assert (entry.record.act, entry.record.staff) == ("MEMBERSHIP_ENDED", None)
    assert (entry.record.portal, entry.record.reason) == ("denki-jtb", "PERSON_DIED")
    assert gone["leftAt"] is not None
    assert await api.code(WHO, world.alice.token) == "UNAUTHENTICATED"
    assert await code_of(api) == "WRONG_LOGIN"
    assert await api.sources.mongo.find("outbox", {}) == []
    again = end(command_line, "alice@example.jp", "denki-jtb", "PERSON_DIED")
    assert again == Answer(1, "", "Error: denki-jtb has no member alice@example.jp.\n")


async def test_whom_nobody_knows_is_one_line_and_nothing_is_done(
    api: Api, world: World, command_line: CommandLine
) -> None:
    elsewhere = end(command_line, "carol", "denki-jtb", "FALSE_DATA")
    nowhere = end(command_line, "carol", "no-portal", "FALSE_DATA")

    assert elsewhere == Answer(1, "", "Error: denki-jtb has no member carol.\n")
    assert nowhere == Answer(1, "", "Error: there is no portal 'no-portal'.\n")
    assert (await api.data(WHO, world.carol.token))["viewer"] == {"loginId": "carol"}


async def test_only_the_operator_s_reasons_are_taken(
    api: Api, world: World, command_line: CommandLine
) -> None:
    answer = end(command_line, "carol", "hepco", "WITHDRAWAL")

    assert answer.code == 2
    assert all(reason.value in answer.err for reason in OPERATOR_REASONS)
    assert (await api.data(WHO, world.carol.token))["viewer"] == {"loginId": "carol"}
