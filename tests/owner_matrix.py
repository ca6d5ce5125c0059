"""What the owner matrix asks: every field of what members own and every mutation, from the schema.

A new field or mutation is asked for by itself. Where the schema does not say enough, a LookupError
tells what to add to the tables here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    get_named_type,
    is_introspection_type,
)

from schema.access import ACCESS, Access
from schema.root import KenshinSchema
from tests.world import PASSWORD

_HERE: Final = "tests/owner_matrix.py:"
_GUARDED: Final = {Access.OWNED, Access.PROVEN, Access.STAFF}
TYPES: Final = {
    name: kind
    for name, kind in KenshinSchema()._schema.type_map.items()
    if isinstance(kind, GraphQLObjectType) and not is_introspection_type(kind)
}
OWNED: Final = {
    name: kind for name, kind in TYPES.items() if ACCESS[name] in {Access.OWNED, Access.PROVEN}
}
OF_STAFF: Final = {name: kind for name, kind in TYPES.items() if ACCESS[name] is Access.STAFF}
NODES: Final = {
    name for name, kind in OWNED.items() if "Node" in {each.name for each in kind.interfaces}
}
ONLY_IN_PAYLOADS: Final = {"Session"}
"Owned types that no query leads to, but the answer of who logs in."

ARGUMENTS: Final[Mapping[str, str]] = {
    "first": "10",
    "from": '"2040-06-15T00:00:00+09:00"',
    "to": '"2040-06-15T12:00:00+09:00"',
}
"Values of arguments of owned fields, by name, where one is needed; enumerations need none."


class Needs(Enum):
    """Who gets as far as to be judged by their input."""

    NOTHING = "anybody: the input tells who it is about, or what it is about is secret"
    SESSION = "a member who is logged in"
    CONFIRMED = "the same, who has just given the password again"
    STAFF = "staff who are logged in"
    APP = "an app that acts for itself, with its own token"


MUTATIONS: Final[Mapping[str, Needs]] = {
    "startRegistration": Needs.NOTHING,
    "sendTestMail": Needs.NOTHING,
    "completeRegistration": Needs.NOTHING,
    "confirmPostcardCode": Needs.SESSION,
    "reissuePostcard": Needs.SESSION,
    "logIn": Needs.NOTHING,
    "refreshSession": Needs.NOTHING,
    "logOut": Needs.SESSION,
    "endSession": Needs.SESSION,
    "endOtherSessions": Needs.SESSION,
    "confirmContractPhone": Needs.SESSION,
    "completeProfile": Needs.SESSION,
    "confirmPassword": Needs.SESSION,
    "changePassword": Needs.SESSION,
    "changeLoginId": Needs.CONFIRMED,
    "changeEmail": Needs.CONFIRMED,
    "addEmail": Needs.CONFIRMED,
    "removeEmail": Needs.CONFIRMED,
    "confirmEmailChange": Needs.NOTHING,
    "updateProfile": Needs.SESSION,
    "setMailPreferences": Needs.SESSION,
    "answerChallenge": Needs.NOTHING,
    "setKeywords": Needs.CONFIRMED,
    "forgetDevice": Needs.SESSION,
    "startExternalLogIn": Needs.NOTHING,
    "completeExternalLogIn": Needs.NOTHING,
    "startExternalLink": Needs.CONFIRMED,
    "linkExternalLogIn": Needs.CONFIRMED,
    "unlinkExternalLogIn": Needs.SESSION,
    "withdraw": Needs.CONFIRMED,
    "requestPasswordReset": Needs.NOTHING,
    "requestLoginId": Needs.NOTHING,
    "resetPassword": Needs.NOTHING,
    "recoverLoginId": Needs.NOTHING,
    "recoverPassword": Needs.NOTHING,
    "setRecoveryAnswer": Needs.CONFIRMED,
    "acceptTerms": Needs.SESSION,
    "sendBillNotice": Needs.SESSION,
    "issuePaymentCertificate": Needs.SESSION,
    "withdrawConsent": Needs.SESSION,
    "createWebhook": Needs.APP,
    "updateWebhook": Needs.APP,
    "resumeWebhook": Needs.APP,
    "deleteWebhook": Needs.APP,
    "testWebhook": Needs.APP,
    "staffLogIn": Needs.NOTHING,
    "staffLogOut": Needs.STAFF,
    "staffChangePassword": Needs.STAFF,
    "staffUnlockMember": Needs.STAFF,
    "staffReissuePostcard": Needs.STAFF,
    "staffRemoveRegistration": Needs.STAFF,
    "staffEndMembership": Needs.STAFF,
    "staffResendMessage": Needs.STAFF,
}

IDS: Final[Mapping[str, str]] = {
    "EndSessionInput.id": "MemberSession",
    "UpdateWebhookInput.id": "Member",
    "WebhookInput.id": "Member",
    "ForgetDeviceInput.id": "Device",
    "WithdrawConsentInput.id": "Consent",
    "UnlinkExternalLogInInput.id": "ExternalLogIn",
    "StaffUnlockMemberInput.memberId": "Member",
    "StaffReissuePostcardInput.memberId": "Member",
    "StaffRemoveRegistrationInput.memberId": "Member",
    "StaffEndMembershipInput.memberId": "Member",
    "StaffResendMessageInput.id": "Member",
    "IssuePaymentCertificateInput.facilityId": "Facility",
    "SendBillNoticeInput.billId": "Bill",
    "readings.facilityIds": "Facility",
    "billPublished.facilityIds": "Facility",
    "usageToday.facilityId": "Facility",
}
"Of which type an ID in an input or argument is; that of a message or a webhook may be any."

_TEXTS: Final[Mapping[str, str]] = {
    "portal": "denki-jtb",
    "loginId": "alice@example.jp",
    "email": "alice@example.jp",
    "currentPassword": PASSWORD,
    "newPassword": "Tulip-field-88",
    "ConfirmPasswordInput.password": PASSWORD,
}
"Texts in inputs, by field; any other text is an x."


@dataclass(frozen=True, slots=True)
class OwnedField:
    """A field of an owned type, and how a query by `node` asks for it."""

    kind: str
    name: str
    root: str
    "The type of the node that leads to it."
    way: str | None
    "Field of the node that gives the type, None if the node is of it."
    selection: str

    @property
    def alias(self) -> str:
        return f"{self.kind}_{self.name}"

    @property
    def query(self) -> str:
        asked = self.selection if self.way is None else f"{self.way} {{ {self.selection} }}"
        return f"{self.alias}: node(id: ${self.root}) {{ ... on {self.root} {{ {asked} }} }}"

    @property
    def needs_proof(self) -> bool:
        """Whether it tells of usage or bills (MB-8)."""
        given = ACCESS.get(get_named_type(OWNED[self.kind].fields[self.name].type).name)
        proven = {Access.PROVEN, Access.PROVEN_PART}
        return ACCESS[self.kind] is Access.PROVEN or given in proven


def owned_fields() -> list[OwnedField]:
    """Every field of every owned type that a query leads to."""
    return [
        OwnedField(name, field_name, *_way(name), _selected(name, field_name, field, ()))
        for name, kind in OWNED.items()
        if name not in ONLY_IN_PAYLOADS
        for field_name, field in kind.fields.items()
    ]


def document(fields: Sequence[OwnedField]) -> str:
    """One query for all of them; its variables are ids, named like their types."""
    variables = ", ".join(f"${name}: ID!" for name in sorted(NODES))
    return f"query ({variables}) {{ {' '.join(field.query for field in fields)} }}"


def mutations(*needs: Needs) -> list[str]:
    return [name for name, need in MUTATIONS.items() if need in needs]


def mutation(name: str, ids: Mapping[str, str]) -> str:
    """A call of a mutation; `ids` are Alice's, by type."""
    field = TYPES["Mutation"].fields[name]
    given = ", ".join(
        f"{argument}: {_input(each.type, f'{name}.{argument}', ids)}"
        for argument, each in field.args.items()
    )
    return f"{name}{f'({given})' if given else ''} {{ userErrors {{ code }} }}"


def subscription(name: str, ids: Mapping[str, str]) -> str:
    """A subscription to what a facility of Alice's tells."""
    field = TYPES["Subscription"].fields[name]
    given = ", ".join(
        f"{argument}: {_input(each.type, f'{name}.{argument}', ids)}"
        for argument, each in field.args.items()
        if _is_required(each)
    )
    return f"subscription {{ {name}({given}) {{ __typename }} }}"


def _way(name: str) -> tuple[str, str | None]:
    """The node that leads to a type, and its field."""
    if name in NODES:
        return name, None
    for root in sorted(NODES):
        for field_name, field in OWNED[root].fields.items():
            if get_named_type(field.type).name == name:
                return root, field_name
    raise LookupError(f"{_HERE} no node leads to {name}: put it in ONLY_IN_PAYLOADS, or make a way")


def _selected(kind: str, name: str, field: GraphQLField, above: tuple[str, ...]) -> str:
    """A field with all that is in it, as far as the next thing that is guarded by itself."""
    given = ", ".join(
        f"{argument}: {_argument(kind, name, argument, each.type)}"
        for argument, each in field.args.items()
        if argument == "first" or _is_required(each)
    )
    asked = f"{name}({given})" if given else name
    inner = get_named_type(field.type)
    if isinstance(inner, GraphQLInterfaceType):
        return f"{asked} {{ __typename }}"
    if not isinstance(inner, GraphQLObjectType):
        return asked
    if ACCESS[inner.name] in _GUARDED or inner.name in above:
        return f"{asked} {{ __typename }}"
    parts = [
        _selected(inner.name, each, below, (*above, inner.name))
        for each, below in inner.fields.items()
    ]
    return f"{asked} {{ {' '.join(parts)} }}"


def _is_required(argument: GraphQLArgument) -> bool:
    return isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined


def _argument(kind: str, field: str, name: str, wanted: Any) -> str:
    named = get_named_type(wanted)
    if isinstance(named, GraphQLEnumType):
        return str(next(iter(named.values)))
    if name not in ARGUMENTS:
        raise LookupError(f"{_HERE} say in ARGUMENTS what {kind}.{field} is asked with for {name}")
    return ARGUMENTS[name]


def _input(wanted: Any, place: str, ids: Mapping[str, str]) -> str:
    """A literal of an input type; optional fields are given too."""
    if isinstance(wanted, GraphQLNonNull):
        return _input(wanted.of_type, place, ids)
    if isinstance(wanted, GraphQLList):
        return f"[{_input(wanted.of_type, place, ids)}]"
    if isinstance(wanted, GraphQLEnumType):
        return str(next(iter(wanted.values)))
    if isinstance(wanted, GraphQLInputObjectType):
        inner = (
            f"{name}: {_input(each.type, f'{wanted.name}.{name}', ids)}"
            for name, each in wanted.fields.items()
        )
        return f"{{{', '.join(inner)}}}"
    return _scalar(wanted.name, place, ids)


def _scalar(kind: str, place: str, ids: Mapping[str, str]) -> str:
    if kind == "Boolean":
        return "true"
    if kind == "String":
        text = _TEXTS.get(place, _TEXTS.get(place.rpartition(".")[2], "x"))
        return f'"{text}"'
    if kind == "ID" and place in IDS:
        return f'"{ids[IDS[place]]}"'
    raise LookupError(f"{_HERE} say in IDS (or in _scalar) what to give for {place}, a {kind}")


def in_staff_types() -> Iterator[tuple[str, GraphQLField]]:
    """Every field that only staff see."""
    for name, kind in OF_STAFF.items():
        for field_name, field in kind.fields.items():
            yield f"{name}.{field_name}", field
