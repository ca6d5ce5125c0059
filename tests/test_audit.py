"""The audit log: every act and look of staff is in it, nothing leaves it, and nobody else gets in."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type, get_nullable_type
from pymongo.errors import NetworkTimeout
from pymongo.monitoring import CommandStartedEvent

from datasources.audit import AuditStore
from datasources.collections import COLLECTIONS
from domain.errors import Unauthenticated
from domain.staff import StaffRole
from resolvers.context import RequestContext
from schema.access import ACCESS, Access
from schema.nodes import node_id
from tests.api import Api, Clock, CommandLog
from tests.logging_in import WHO
from tests.staffing import (
    FIND,
    STAFF_PASSWORD,
    act,
    acts,
    audit,
    dead_message,
    found,
    hired,
    hired_token,
    token_of,
)
from tests.test_ownership import TYPES
from tests.world import World

SOURCE = Path(__file__).parents[1]
STAFF_TYPES = {name: kind for name, kind in TYPES.items() if ACCESS[name] is Access.STAFF}
MUTATIONS = {
    name: field for name, field in TYPES["Mutation"].fields.items() if name.startswith("staff")
}
MIGRATING = {"collMod", "createIndexes"}
"What a server does to a collection when it starts."
PAGE = """query ($first: Int, $after: String, $last: Int, $before: String) { staff {
  audit(first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { act memberId } pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
  }
} }"""


class AuditCommands(CommandLog):
    """Commands that were sent to the collection of the audit log."""

    def started(self, event: CommandStartedEvent) -> None:
        if "audit" in (event.command.get(event.command_name), event.command.get("collection")):
            self.names.append(event.command_name)


@pytest.fixture
def commands() -> AuditCommands:
    return AuditCommands()


class TestWhatIsKept:
    async def test_every_act_and_every_look_is_there_with_who_when_whom_and_why(
        self, api: Api, world: World, commands: AuditCommands, clock: Clock
    ) -> None:
        boss = await hired(api.sources, "boss")
        token = await token_of(api, "boss")
        lost = await dead_message(api, "mirai")
        alice, carol = world.alice.member_id, world.carol.member_id
        await found(api, token, "denki-jtb", loginId="alice@example.jp")
        await found(api, token, "denki-jtb", loginId="nobody@example.jp")
        clock.advance(minutes=1)
        await act(api, token, "staffUnlockMember", memberId=alice, note="called us")
        await act(api, token, "staffResendMessage", id=lost)
        await act(api, token, "staffRemoveRegistration", memberId=alice, reason="forgot")
        await act(api, token, "staffEndMembership", memberId=carol, reason="FALSE_DATA", note="n")
        passwords = {"currentPassword": STAFF_PASSWORD, "newPassword": "Otter-in-the-pond-9"}
        await act(api, token, "staffChangePassword", **passwords)
        await api.data("mutation { staffLogOut { userErrors { code } } }", token)
        token = await hired_token(api, "auditor", StaffRole.AUDITOR)

        assert await acts(api, token) == [
            ("STAFF_ADDED", None),
            ("LOGGED_IN", "boss"),
            ("LOOKED", "boss"),
            ("SEARCHED", "boss"),
            ("UNLOCKED", "boss"),
            ("MESSAGE_RESENT", "boss"),
            ("REGISTRATION_REMOVED", "boss"),
            ("MEMBERSHIP_ENDED", "boss"),
            ("PASSWORD_CHANGED", "boss"),
            ("LOGGED_OUT", "boss"),
            ("STAFF_ADDED", None),
            ("LOGGED_IN", "auditor"),
        ]
        assert await audit(api, token, memberId=carol) == [
            {
                "act": "MEMBERSHIP_ENDED",
                "staffLoginId": "boss",
                "portal": "hepco",
                "memberId": carol,
                "subjectId": None,
                "reason": "FALSE_DATA",
                "note": "n",
            }
        ]
        resent = (await audit(api, token, staffId=node_id("Staff", boss.id)))[4]
        assert (resent["act"], resent["subjectId"]) == ("MESSAGE_RESENT", lost)
        times = (await api.data("{ staff { audit(last: 5) { nodes { at } } } }", token))["staff"]
        assert [each["at"] for each in times["audit"]["nodes"]] == [
            "2040-06-15T12:11:00+09:00",
            *["2040-06-15T12:10:00+09:00"] * 4,
        ]
        assert set(commands.names) - MIGRATING == {"insert", "find", "aggregate"}

    async def test_what_cannot_be_noted_is_not_done_and_not_shown(
        self, api: Api, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = await hired_token(api, "boss")
        lost = await dead_message(api, "mirai")
        before = await everything(api)

        async def fail(*_: object) -> None:
            raise NetworkTimeout("the log is full")

        monkeypatch.setattr(AuditStore, "add", fail)
        for name in ("staffUnlockMember", "staffRemoveRegistration", "staffEndMembership"):
            given = wanted(name, memberId=world.carol.member_id)
            assert await api.code(mutation(name), token, input=given) == "UNAVAILABLE"
        resend = mutation("staffResendMessage")
        assert await api.code(resend, token, input={"id": lost}) == "UNAVAILABLE"
        answer = await api.ask(FIND, token, portal="hepco", by={"loginId": "carol"})
        assert answer["data"] == {"staff": None}
        assert await everything(api) == before
        assert (await api.data(WHO, world.carol.token))["viewer"] is not None

    async def test_the_log_is_read_in_pages_and_by_portal(self, api: Api, world: World) -> None:
        token = await hired_token(api, "boss")
        for login_id in ("alice@example.jp", "bob@example.jp", "x", "y"):
            await found(api, token, "denki-jtb", loginId=login_id)
        await found(api, token, "hepco", loginId="carol")

        async def page(who: str, **given: Any) -> dict[str, Any]:
            shown: dict[str, Any] = (await api.data(PAGE, who, **given))["staff"]["audit"]
            return shown

        newest = await page(token, first=2)
        assert [each["act"] for each in newest["nodes"]] == ["LOOKED", "SEARCHED"]
        assert newest["nodes"][0]["memberId"] == world.carol.member_id
        assert newest["totalCount"] == 7
        older = await page(token, first=100, after=newest["pageInfo"]["endCursor"])
        kinds = [each["act"] for each in older["nodes"]]
        assert kinds == ["SEARCHED", "LOOKED", "LOOKED", "LOGGED_IN", "STAFF_ADDED"]
        back = await page(token, last=2, before=older["pageInfo"]["startCursor"])
        assert back["nodes"] == newest["nodes"]
        hers = await hired_token(api, "hepco-auditor", StaffRole.AUDITOR, "hepco")
        assert (await page(hers, first=9))["nodes"] == newest["nodes"][:1]

    def test_nothing_can_change_or_remove_an_entry(self) -> None:
        methods = {name for name in vars(AuditStore) if not name.startswith("_")}
        assert methods == {"add", "page", "count", "changes_of"}
        store = (SOURCE / "datasources" / "audit.py").read_text("utf-8")
        calls = set(re.findall(r"self\._entries\.(\w+)", store))
        assert calls == {"insert_many", "find", "count_documents"}
        folders = ("commands", "datasources", "resolvers", "schema")
        naming = {
            path.relative_to(SOURCE).as_posix()
            for folder in folders
            for path in (SOURCE / folder).rglob("*.py")
            if re.search(r"""["']audit["']""", path.read_text("utf-8"))
        }
        assert naming == {"datasources/audit.py", "datasources/account_collections.py"}
        (kind,) = [kind for kind in COLLECTIONS if kind.name == "audit"]
        assert [index.document["name"] for index in kind.indexes] == ["member", "portal", "staff"]
        assert all("expireAfterSeconds" not in index.document for index in kind.indexes)


class TestWho:
    async def test_no_field_of_what_staff_see_answers_to_a_member_or_nobody(
        self, api: Api, world: World
    ) -> None:
        assert {"Staff", "MemberFile", "AuditEntry", "AuditEntryConnection"} <= set(STAFF_TYPES)
        source, answered = SimpleNamespace(owner=world.alice.member, record=None), []
        for token in (world.alice.token, None):
            context = RequestContext(api.sources, token and f"Bearer {token}", "request")
            await context.viewer_session()
            info: Any = SimpleNamespace(context=context)
            for name, kind in STAFF_TYPES.items():
                for field_name, field in kind.fields.items():
                    assert field.resolve is not None
                    if not is_refused(field.resolve, source, info):
                        answered.append(f"{name}.{field_name}")
        assert answered == []

    async def test_every_act_of_staff_is_refused_to_all_others(
        self, api: Api, world: World
    ) -> None:
        clerk = await hired_token(api, "clerk", StaffRole.CLERK)
        auditor = await hired_token(api, "auditor", StaffRole.AUDITOR)
        before = await everything(api)
        for_managers = {"staffRemoveRegistration", "staffEndMembership"}
        for_all = {"staffLogIn", "staffLogOut", "staffChangePassword"}
        refused: dict[str, dict[str, list[str]]] = {}

        for name in sorted(MUTATIONS.keys() - for_all):
            given = wanted(name, memberId=world.alice.member_id)
            refused[name] = {
                "nobody": await act(api, None, name, **given),
                "member": await act(api, world.alice.token, name, **given),
                "auditor": await act(api, auditor, name, **given),
            }
            if name in for_managers:
                refused[name]["clerk"] = await act(api, clerk, name, **given)

        wanted_codes = {
            "nobody": ["NOT_LOGGED_IN"],
            "member": ["NOT_LOGGED_IN"],
            "auditor": ["NOT_ALLOWED"],
            "clerk": ["NOT_ALLOWED"],
        }
        assert len(refused) >= 5
        for name, codes in refused.items():
            assert codes == {who: wanted_codes[who] for who in codes}, name
        assert await everything(api) == before

    @pytest.mark.usefixtures("world")
    async def test_each_role_sees_what_is_its_own(self, api: Api) -> None:
        fields = {
            "members": 'members(portal: "hepco", by: {loginId: "carol"}) { id }',
            "dead": "deadMessages(first: 1) { id }",
            "audit": "audit(first: 1) { nodes { act } }",
        }
        seen = {
            StaffRole.CLERK: {"members", "dead"},
            StaffRole.MANAGER: {"members", "dead", "audit"},
            StaffRole.AUDITOR: {"audit"},
        }
        for role, names in seen.items():
            token = await hired_token(api, role.lower(), role)
            for name, field in fields.items():
                answer = await api.ask(f"{{ staff {{ {field} }} }}", token)
                codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
                assert codes == ([] if name in names else ["FORBIDDEN"]), (role, name)


def is_refused(resolve: Callable[..., Any], source: object, info: object) -> bool:
    try:
        resolve(source, info)
    except Unauthenticated:
        return True
    return False


async def everything(api: Api) -> dict[str, list[Any]]:
    """All that acts of staff change, but sessions of staff, which go on by being used."""
    names = ("members", "supplyContracts", "facilities", "outbox", "postcards", "sessions", "audit")
    return {name: await api.sources.mongo.find(name, {}) for name in names}


def wanted(name: str, **given: Any) -> dict[str, Any]:
    """Input of a mutation with what is given of it, and something for the rest."""
    kind = get_nullable_type(MUTATIONS[name].args["input"].type)
    assert isinstance(kind, GraphQLInputObjectType)
    some = {"ID": node_id("Message", "0"), "String": "some text", "OperatorReason": "FALSE_DATA"}
    return {
        key: given.get(key, some[get_named_type(field.type).name])
        for key, field in kind.fields.items()
    }


def mutation(name: str) -> str:
    kind = f"{name[0].upper()}{name[1:]}Input!"
    return f"mutation ($input: {kind}) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
