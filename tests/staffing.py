"""Staff for tests: accounts, and what they send."""

from datetime import timedelta
from typing import Any, Final

from domain.outbox import Channel, MailKind
from domain.staff import Staff, StaffRole
from resolvers import staff_accounts
from resolvers.sources import Sources
from schema.nodes import node_id
from tests.api import Api
from tests.messages import message, put
from tests.registering import NAME, PASSWORD, PHONE, Customer, codes, complete, customer, link_token
from tests.world import World

STAFF_PASSWORD: Final = "Lantern-over-76"
LOG_IN_STAFF: Final = """mutation ($loginId: String!, $password: String!) {
  staffLogIn(input: {loginId: $loginId, password: $password}) {
    session { accessToken expiresAt staff { id loginId name role portals } }
    userErrors { code message field retryAt }
  }
}"""
FIND: Final = """query ($portal: String!, $by: MemberBy!) {
  staff { members(portal: $portal, by: $by) { id portal loginId state profile { name } } }
}"""
AUDIT: Final = """query ($memberId: ID, $staffId: ID) {
  staff {
    audit(first: 100, memberId: $memberId, staffId: $staffId) {
      totalCount
      nodes { act staffLoginId portal memberId subjectId reason note }
    }
  }
}"""
WHO_OF_STAFF: Final = "{ staff { loginId } }"
MIRAI: Final = {"portal": "mirai", "loginId": "Hanako_2040", "password": PASSWORD}
EMAIL: Final = "hanako@example.jp"
FILE: Final = """query ($portal: String!, $by: MemberBy!) { staff { members(portal: $portal, by: $by) {
  id portal loginId state emails hasKeywords customerNumbers sessionCount
  profile { name phone }
  registrations { endsAt usedUp }
  history { joinedAt loggedInAt leavesAt leftAt leaveReason }
  tries { kind wrong lockedUntil }
  postcard { issuedAt endsAt }
  messages { kind channel state attempts sentAt }
  acts { act staffLoginId reason note }
} } }"""
DEAD: Final = (
    "{ staff { deadMessages(first: 10) { id kind portal memberId channel reason attempts } } }"
)

Payload = dict[str, Any]


async def hired(
    sources: Sources, login_id: str, role: StaffRole = StaffRole.MANAGER, *portals: str
) -> Staff:
    """An account; without portals it is for all of them."""
    account = Staff(
        staff_accounts.new_id(),
        login_id,
        "受付 太郎",
        role,
        frozenset(portals) if portals else None,
    )
    await staff_accounts.add(sources, account, STAFF_PASSWORD)
    return account


async def staff_log_in(api: Api, login_id: str, password: str = STAFF_PASSWORD) -> Payload:
    data = await api.data(LOG_IN_STAFF, loginId=login_id, password=password)
    payload: Payload = data["staffLogIn"]
    return payload


async def token_of(api: Api, login_id: str) -> str:
    payload = await staff_log_in(api, login_id)
    assert payload["userErrors"] == []
    token: str = payload["session"]["accessToken"]
    return token


async def hired_token(
    api: Api, login_id: str, role: StaffRole = StaffRole.MANAGER, *portals: str
) -> str:
    """A new account's token."""
    await hired(api.sources, login_id, role, *portals)
    return await token_of(api, login_id)


async def act(api: Api, token: str | None, name: str, **given: Any) -> list[str]:
    """Do what a mutation of staff does; gives the codes of its user errors."""
    kind = name[0].upper() + name[1:] + "Input!"
    query = f"mutation ($input: {kind}) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
    payload: Payload = (await api.data(query, token, input=given))[name]
    return [error["code"] for error in payload["userErrors"]]


async def found(api: Api, token: str, portal: str, **by: str) -> list[dict[str, Any]]:
    """Members that a search finds."""
    members: list[dict[str, Any]] = (await api.data(FIND, token, portal=portal, by=by))["staff"][
        "members"
    ]
    return members


async def audit(api: Api, token: str, **choice: str) -> list[dict[str, Any]]:
    """Entries of the audit log, the newest first."""
    nodes: list[dict[str, Any]] = (await api.data(AUDIT, token, **choice))["staff"]["audit"][
        "nodes"
    ]
    return nodes


async def acts(api: Api, token: str, **choice: str) -> list[tuple[str, str | None]]:
    """What was done by whom, the oldest first."""
    entries = await audit(api, token, **choice)
    return [(entry["act"], entry["staffLoginId"]) for entry in reversed(entries)]


async def registered(api: Api, world: World, **changes: Any) -> Customer:
    """A customer who has become a member by GraphQL; who pays by slip waits for a postcard."""
    hanako = await customer(world, "mirai", **changes)
    course = "POSTCARD" if changes else "INSTANT"
    await register(api, hanako, course)
    return hanako


async def register(api: Api, hanako: Customer, course: str = "INSTANT") -> None:
    token = await link_token(api, "mirai", EMAIL)
    fields = {"customerNumber": hanako.number, "name": NAME, "phone": PHONE}
    given = {"course": course, "loginId": "Hanako_2040", "password": PASSWORD}
    assert codes(await complete(api, "mirai", token, fields, **given)) == []


async def file_of(api: Api, token: str, portal: str = "mirai", **by: str) -> dict[str, Any]:
    """The file of the only member that a search finds."""
    data = await api.data(FILE, token, portal=portal, by=by)
    (member,) = data["staff"]["members"]
    shown: dict[str, Any] = member
    return shown


async def id_of(api: Api, token: str) -> str:
    return str((await file_of(api, token, loginId="Hanako_2040"))["id"])


async def dead_message(api: Api, portal: str) -> str:
    """Id of a message that was given up."""
    await put(api.sources, message(MailKind.PASSWORD_CHANGED, portal=portal))
    taken = await api.sources.outbox.take(Channel.MAIL, "me", timedelta(seconds=60))
    assert taken is not None
    await api.sources.outbox.give_up(taken.id, "me", "SMTPRecipientRefused 550")
    return node_id("Message", taken.id)
