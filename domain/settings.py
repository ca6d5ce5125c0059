"""Every setting of a process: read once from the environment at start, then frozen."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

_PREFIX: Final = "KENSHIN_"
_LAST_PORT: Final = 65_535
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.\-\[\]:]+")
"As browsers write it: small letters, no path."
_SHORTEST_TOKEN: Final = 16
_DEEPEST: Final = 100
"Fields below each other: what looks at documents calls itself for each."


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used; the message names it."""


def _is_link(text: str) -> bool:
    """Whether it has `{token}`, and nothing else in braces but `{portal}`."""
    bare = text.replace("{token}", "").replace("{portal}", "")
    return "{token}" in text and not {"{", "}"} & set(bare)


_REQUIREMENTS: Final[Mapping[str, Mapping[str, Callable[[Any], bool]]]] = {
    "log_format": {"console or json": lambda kind: kind in {"console", "json"}},
    "log_level": {
        "info, warning or error": lambda level: level in {"info", "warning", "error"},
    },
    "port": {"at most 65535": lambda port: port <= _LAST_PORT},
    "registration_link": {"a link with {token}": _is_link},
    "email_link": {"a link with {token}": _is_link},
    "recovery_link": {"a link with {token}": _is_link},
    "metrics_token": {"at least 16 characters": lambda token: len(token) >= _SHORTEST_TOKEN},
    "traces_url": {"http://… or https://…": lambda url: url.startswith(("http://", "https://"))},
    "max_depth": {"1 to 100": lambda depth: 1 <= depth <= _DEEPEST},
    "max_selections": {"over 0": lambda selections: selections > 0},
    "introspection": {
        "everybody, members or nobody": lambda who: who in {"everybody", "members", "nobody"},
    },
    "heartbeat_seconds": {"over 0": lambda seconds: seconds > 0},
    "slow_socket_seconds": {"over 0": lambda seconds: seconds > 0},
    "slow_request_seconds": {"over 0": lambda seconds: seconds > 0},
    "graphiql": {"on or off": lambda shown: shown in {"on", "off"}},
    "documents": {"any or registered": lambda which: which in {"any", "registered"}},
    "origins": {
        "origins as https://portal.example.jp, with spaces between": lambda text: all(
            map(_ORIGIN.fullmatch, text.split())
        ),
    },
    "slow_download_seconds": {"over 0": lambda seconds: seconds > 0},
    "database_timeout_seconds": {"over 0": lambda seconds: seconds > 0},
    "mail_seconds": {"over 0": lambda seconds: seconds > 0},
    "external_seconds": {"over 0": lambda seconds: seconds > 0},
    "webhook_seconds": {"over 0": lambda seconds: seconds > 0},
    "download_minutes": {"over 0": lambda minutes: minutes > 0},
    "files_at_once": {"over 0": lambda files: files > 0},
}


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per ``KENSHIN_…`` variable, e.g. ``port`` is ``KENSHIN_PORT``."""

    mongodb_url: str = ""
    "Replica set of MongoDB; empty: the embedded one. The path names the database (default `kenshin`)."
    redis_url: str = ""
    "Redis or Valkey, a server or a node of a cluster; empty: the embedded one."
    host: str = "127.0.0.1"
    port: int = 8000
    data: Path = Path(".data")
    "Folder of the embedded databases."
    portals: str = ""
    "Folder of the portal files; empty: the five that ship."
    log_format: str = "console"
    "`console` or `json`."
    log_level: str = "info"
    "`info` has a line for every request; `warning` and `error` have only those."
    slow_operation_seconds: float = 1.0
    "An operation that takes so long is told of in the log; 0: none is."
    metrics_token: str = ""
    "Who has it may read `/metrics`; empty: nobody."
    traces_url: str = ""
    "Of a collector that takes traces by OTLP over HTTP, as `http://host:4318/v1/traces`; empty: none."
    session_minutes: int = 60
    "Life of an access token; a refresh starts it anew."
    refresh_days: int = 30
    "Life of a session that is not refreshed."
    session_absolute_days: int = 90
    "Life of a session however often it is refreshed."
    app_token_minutes: int = 60
    "Life of an access token of a partner's app."
    confirmation_minutes: int = 10
    "How long a password that was given again lasts for what needs it."
    staff_idle_minutes: int = 20
    "Life of a session of staff that is not used."
    staff_session_hours: int = 8
    "Life of a session of staff however much it is used."
    wrong_log_ins_per_address: int = 100
    "Of a client address in an hour; 0: no limit."
    registrations_per_address: int = 30
    "That a client address may begin in an hour; 0: no limit."
    registration_mails_per_email: int = 5
    "Links to one new e-mail address in an hour, of registrations and of members; 0: no limit."
    registration_link: str = "http://localhost:3000/{portal}/register#token={token}"
    "Of the page with the form, as mail has it."
    login_ids_per_person: int = 20
    "That who registers, or a member, may ask for in an hour; 0: no limit."
    email_links_per_member: int = 10
    "Links to new e-mail addresses that a member may ask for in an hour; 0: no limit."
    bill_mails_per_member: int = 10
    "Mails about bills that a member may ask for again in an hour; 0: no limit."
    email_link: str = "http://localhost:3000/{portal}/email#token={token}"
    "Of the page that confirms a member's new address, as mail has it."
    recoveries_per_address: int = 30
    "Requests for a forgotten ID or password that a client address may send in an hour; 0: no limit."
    recovery_mails_per_email: int = 3
    "Such requests for one e-mail address or customer number in an hour; 0: no limit."
    recovery_link: str = "http://localhost:3000/{portal}/reset#token={token}"
    "Of the page for a new password, as mail has it."
    external_providers: str = ""
    "Of outside accounts: `key=https://client-id:client-secret@issuer`, with spaces between."
    external_redirects: str = ""
    "Addresses to which these providers may send people back, exactly, with spaces between."
    external_seconds: float = 5.0
    "After this a provider that does not answer is PROVIDER_DOWN."
    external_log_ins_per_address: int = 100
    "With outside accounts, that a client address may begin in an hour and not finish; 0: no limit."
    webhook_seconds: float = 10.0
    "How long a request of a webhook may take."
    webhook_private_hosts: str = ""
    "Hosts, with spaces between, that webhooks may also reach by http and at private addresses."
    heartbeat_seconds: float = 15.0
    "How often a quiet subscription says how things stand and looks for what it missed."
    catch_up_limit: int = 20_000
    "A subscription that missed more readings is told so, and goes on from the present."
    database_timeout_seconds: float = 4.0
    "After this a database that does not answer is UNAVAILABLE."
    usage_cache_mb: int = 64
    "Memory for days of usage that were read lately, in each process; 0: none are kept."
    text_cache_mb: int = 64
    "Memory for the JSON of such days, in each process; 0: it is written anew for every answer."
    drain_seconds: int = 10
    "After SIGTERM: how long requests under way may take, and over which time sockets are closed."
    max_request_bytes: int = 1_048_576
    "Largest GraphQL request body."
    slow_request_seconds: float = 20.0
    "For a request to come whole, and a second more for each 500 bytes of its body; then it is cut off."
    documents: str = "any"
    "`any`, or `registered`: only documents that were registered are executed."
    graphiql: str = "off"
    "`on`: browsers get GraphiQL at `/graphql`; the demo shows it."
    origins: str = ""
    "Of web pages on other hosts that may use the API from a browser, with spaces between."
    max_document_bytes: int = 32_768
    "Of the text of a GraphQL document; 0: no limit."
    max_document_tokens: int = 2_000
    "Of a document; 0: no limit."
    max_depth: int = 20
    "Fields below each other in an operation, fragments put in their places."
    max_selections: int = 2_000
    "Fields and fragments of an operation, those of fragments counted wherever they are put."
    max_repeats: int = 50
    "Of the same field beside each other; 0: no limit."
    max_aliases: int = 50
    "In a document; 0: no limit."
    max_directives: int = 50
    "In a document; 0: no limit."
    max_root_fields: int = 20
    "Of an operation; 0: no limit."
    max_fragments: int = 50
    "That a document defines; 0: no limit."
    max_list_items: int = 500
    "Of each list in the variables; 0: no limit."
    max_cost: int = 250_000
    "Objects and list items that an operation may come to; 0: no limit."
    operation_seconds: float = 30.0
    "How long a query or a mutation may take; 0: no limit."
    introspection: str = "members"
    "Who may ask for the schema: `everybody`, `members` (and apps and staff) or `nobody`."
    cost_per_minute_member: int = 1_000_000
    "What a member's operations may cost; 0: no limit."
    cost_per_minute_app: int = 5_000_000
    "What an app's operations may cost, for all its members; 0: no limit."
    cost_per_minute_staff: int = 1_000_000
    "What the operations of one of the staff may cost; 0: no limit."
    cost_per_minute_address: int = 20_000
    "What a client address may cost where nobody is logged in; 0: no limit."
    max_operations_per_socket: int = 100
    max_sockets_per_member: int = 100
    "In each process; 0: no limit."
    max_sockets_per_address: int = 10_000
    "In each process; 0: no limit."
    slow_socket_seconds: float = 20.0
    "A socket whose peer reads nothing for so long is closed."
    reconnect_seconds: int = 10
    "Over which time clients are advised to spread when they come back."
    public_url: str = ""
    """How members reach this server, as `https://api.example.jp`: its name in OAuth too. Empty: file
    addresses begin at `/`."""
    download_minutes: int = 5
    "Life of the address of a file."
    downloads_per_member: int = 120
    "Files that a member may fetch in an hour; 0: no limit."
    files_at_once: int = 2
    "That each process makes at the same time; others wait for their turn."
    slow_download_seconds: float = 20.0
    "A client that takes nothing of its file for so long is cut off."
    smtp_url: str = ""
    "`smtp://user:password@host:587` or `smtps://…`; empty: mail waits, or goes to `mail_folder`."
    mail_from: str = "kenshin@localhost"
    "Address that mail comes from; it names the domain of `Message-ID`."
    mail_folder: str = ""
    "Folder where mail lands instead, and is shown at `/dev/mail`; for the demo and development."
    mail_seconds: float = 30.0
    "How long handing one mail over may take; others may take it over after twice as long."

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Settings from ``KENSHIN_…`` variables; raises SettingsError for one that cannot be read."""
        given: dict[str, Any] = {}
        for field in fields(cls):
            text = environment.get(_PREFIX + field.name.upper())
            if text:
                given[field.name] = _read(field.name, text, type(field.default))
        return cls(**given)


def _read(name: str, text: str, kind: Any) -> object:
    try:
        value: object = _finite(text) if kind is float else kind(text)
    except ValueError:
        wanted = {int: "a whole number", float: "a number"}[kind]
        raise SettingsError(f"{_PREFIX}{name.upper()} must be {wanted}, found {text!r}") from None
    if isinstance(value, int | float) and value < 0:
        raise SettingsError(f"{_PREFIX}{name.upper()} must not be negative, found {text!r}")
    for requirement, fulfils in _REQUIREMENTS.get(name, {}).items():
        if not fulfils(value):
            raise SettingsError(f"{_PREFIX}{name.upper()} must be {requirement}, found {text!r}")
    return value


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(value)
    return value
