"""Settings: defaults, one variable for each, and refusals that name the variable."""

from dataclasses import FrozenInstanceError, asdict, fields
from pathlib import Path
from typing import Any

import pytest

from domain.settings import Settings, SettingsError

GIVEN: dict[str, tuple[str, object]] = {
    "mongodb_url": ("mongodb://db:27017/members", "mongodb://db:27017/members"),
    "redis_url": ("redis://cache:6379/1", "redis://cache:6379/1"),
    "host": ("0.0.0.0", "0.0.0.0"),
    "port": ("9000", 9000),
    "data": ("/var/lib/kenshin", Path("/var/lib/kenshin")),
    "portals": ("/etc/kenshin/portals", "/etc/kenshin/portals"),
    "log_format": ("json", "json"),
    "log_level": ("warning", "warning"),
    "slow_operation_seconds": ("0.25", 0.25),
    "metrics_token": ("sixteen letters!", "sixteen letters!"),
    "traces_url": ("http://traces:4318/v1/traces", "http://traces:4318/v1/traces"),
    "session_minutes": ("15", 15),
    "refresh_days": ("7", 7),
    "session_absolute_days": ("60", 60),
    "app_token_minutes": ("30", 30),
    "confirmation_minutes": ("5", 5),
    "staff_idle_minutes": ("11", 11),
    "staff_session_hours": ("4", 4),
    "wrong_log_ins_per_address": ("20", 20),
    "registrations_per_address": ("7", 7),
    "registration_mails_per_email": ("2", 2),
    "login_ids_per_person": ("7", 7),
    "email_links_per_member": ("6", 6),
    "bill_mails_per_member": ("3", 3),
    "email_link": (
        "https://a.example/{portal}/email?t={token}",
        "https://a.example/{portal}/email?t={token}",
    ),
    "recoveries_per_address": ("8", 8),
    "recovery_mails_per_email": ("4", 4),
    "recovery_link": (
        "https://portal.example/{portal}/new-password?t={token}",
        "https://portal.example/{portal}/new-password?t={token}",
    ),
    "registration_link": (
        "https://a.example/{portal}?t={token}",
        "https://a.example/{portal}?t={token}",
    ),
    "external_providers": ("a=https://b:c@id.example", "a=https://b:c@id.example"),
    "external_redirects": ("https://portal.example/back", "https://portal.example/back"),
    "external_seconds": ("2.5", 2.5),
    "external_log_ins_per_address": ("9", 9),
    "webhook_seconds": ("2.5", 2.5),
    "webhook_private_hosts": ("localhost", "localhost"),
    "heartbeat_seconds": ("0.5", 0.5),
    "catch_up_limit": ("500", 500),
    "database_timeout_seconds": ("2", 2.0),
    "usage_cache_mb": ("16", 16),
    "text_cache_mb": ("8", 8),
    "drain_seconds": ("0", 0),
    "max_request_bytes": ("4096", 4096),
    "slow_request_seconds": ("7.5", 7.5),
    "documents": ("registered", "registered"),
    "graphiql": ("on", "on"),
    "origins": ("https://a.example http://[::1]:3000", "https://a.example http://[::1]:3000"),
    "max_document_bytes": ("100", 100),
    "max_document_tokens": ("200", 200),
    "max_depth": ("30", 30),
    "max_selections": ("300", 300),
    "max_repeats": ("31", 31),
    "max_aliases": ("32", 32),
    "max_directives": ("33", 33),
    "max_root_fields": ("34", 34),
    "max_fragments": ("35", 35),
    "max_list_items": ("36", 36),
    "max_cost": ("37", 37),
    "operation_seconds": ("3.5", 3.5),
    "introspection": ("nobody", "nobody"),
    "cost_per_minute_member": ("41", 41),
    "cost_per_minute_app": ("42", 42),
    "cost_per_minute_staff": ("43", 43),
    "cost_per_minute_address": ("44", 44),
    "max_operations_per_socket": ("3", 3),
    "max_sockets_per_member": ("4", 4),
    "max_sockets_per_address": ("5", 5),
    "slow_socket_seconds": ("1.5", 1.5),
    "reconnect_seconds": ("30", 30),
    "public_url": ("https://api.example.jp", "https://api.example.jp"),
    "download_minutes": ("3", 3),
    "downloads_per_member": ("60", 60),
    "files_at_once": ("4", 4),
    "slow_download_seconds": ("2.5", 2.5),
    "smtp_url": ("smtp://mail:2525", "smtp://mail:2525"),
    "mail_from": ("portal@kenshin.example", "portal@kenshin.example"),
    "mail_folder": ("/var/mail", "/var/mail"),
    "mail_seconds": ("5", 5.0),
}
WHOLE_NUMBERS = sorted(field.name for field in fields(Settings) if type(field.default) is int)
NUMBERS = sorted(field.name for field in fields(Settings) if type(field.default) is float)


def variable(name: str) -> str:
    return f"KENSHIN_{name.upper()}"


def test_an_empty_environment_gives_the_defaults() -> None:
    assert asdict(Settings.from_environment({})) == {
        "mongodb_url": "",
        "redis_url": "",
        "host": "127.0.0.1",
        "port": 8000,
        "data": Path(".data"),
        "portals": "",
        "log_format": "console",
        "log_level": "info",
        "slow_operation_seconds": 1.0,
        "metrics_token": "",
        "traces_url": "",
        "session_minutes": 60,
        "refresh_days": 30,
        "session_absolute_days": 90,
        "app_token_minutes": 60,
        "confirmation_minutes": 10,
        "staff_idle_minutes": 20,
        "staff_session_hours": 8,
        "wrong_log_ins_per_address": 100,
        "registrations_per_address": 30,
        "registration_mails_per_email": 5,
        "login_ids_per_person": 20,
        "email_links_per_member": 10,
        "bill_mails_per_member": 10,
        "email_link": "http://localhost:3000/{portal}/email#token={token}",
        "recoveries_per_address": 30,
        "recovery_mails_per_email": 3,
        "recovery_link": "http://localhost:3000/{portal}/reset#token={token}",
        "registration_link": "http://localhost:3000/{portal}/register#token={token}",
        "external_providers": "",
        "external_redirects": "",
        "external_seconds": 5.0,
        "external_log_ins_per_address": 100,
        "webhook_seconds": 10.0,
        "webhook_private_hosts": "",
        "heartbeat_seconds": 15.0,
        "catch_up_limit": 20_000,
        "database_timeout_seconds": 4.0,
        "usage_cache_mb": 64,
        "text_cache_mb": 64,
        "drain_seconds": 10,
        "max_request_bytes": 1_048_576,
        "slow_request_seconds": 20.0,
        "documents": "any",
        "graphiql": "off",
        "origins": "",
        "max_document_bytes": 32_768,
        "max_document_tokens": 2_000,
        "max_depth": 20,
        "max_selections": 2_000,
        "max_repeats": 50,
        "max_aliases": 50,
        "max_directives": 50,
        "max_root_fields": 20,
        "max_fragments": 50,
        "max_list_items": 500,
        "max_cost": 250_000,
        "operation_seconds": 30.0,
        "introspection": "members",
        "cost_per_minute_member": 1_000_000,
        "cost_per_minute_app": 5_000_000,
        "cost_per_minute_staff": 1_000_000,
        "cost_per_minute_address": 20_000,
        "max_operations_per_socket": 100,
        "max_sockets_per_member": 100,
        "max_sockets_per_address": 10_000,
        "slow_socket_seconds": 20.0,
        "reconnect_seconds": 10,
        "public_url": "",
        "download_minutes": 5,
        "downloads_per_member": 120,
        "files_at_once": 2,
        "slow_download_seconds": 20.0,
        "smtp_url": "",
        "mail_from": "kenshin@localhost",
        "mail_folder": "",
        "mail_seconds": 30.0,
    }


def test_every_setting_is_read_from_its_variable() -> None:
    settings = Settings.from_environment(
        {variable(name): text for name, (text, _) in GIVEN.items()}
    )
    assert asdict(settings) == {name: value for name, (_, value) in GIVEN.items()}


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_a_variable_changes_its_setting_and_no_other(name: str) -> None:
    text, value = GIVEN[name]
    settings = Settings.from_environment({variable(name): text})
    assert asdict(settings) == asdict(Settings()) | {name: value}
    assert type(getattr(settings, name)) is type(value)


def test_an_empty_variable_leaves_the_default() -> None:
    assert Settings.from_environment({variable(name): "" for name in GIVEN}) == Settings()


def test_variables_of_others_are_left_alone() -> None:
    environment = {"PORT": "1", "kenshin_port": "2", "KENSHIN_PORTAL": "x", "HOME": "/root"}
    assert Settings.from_environment(environment) == Settings()


@pytest.mark.parametrize("name", WHOLE_NUMBERS)
@pytest.mark.parametrize("text", ["many", "1.5", "0x10", "8000 1", "inf"])
def test_what_is_no_whole_number_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({variable(name): text})
    assert str(refusal.value) == f"{variable(name)} must be a whole number, found {text!r}"


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("text", ["many", "1,5", "15s", "nan", "inf", "-inf"])
def test_what_is_no_number_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({variable(name): text})
    assert str(refusal.value) == f"{variable(name)} must be a number, found {text!r}"


@pytest.mark.parametrize("name", WHOLE_NUMBERS + NUMBERS)
def test_a_negative_number_is_refused_by_name(name: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({variable(name): "-1"})
    assert str(refusal.value) == f"{variable(name)} must not be negative, found '-1'"


def test_settings_do_not_change_after_start() -> None:
    settings: Any = Settings()
    with pytest.raises(FrozenInstanceError):
        settings.port = 1


@pytest.mark.parametrize(
    ("name", "text", "requirement"),
    [
        ("LOG_FORMAT", "xml", "console or json"),
        ("LOG_LEVEL", "loud", "info, warning or error"),
        ("PORT", "65536", "at most 65535"),
        ("HEARTBEAT_SECONDS", "0", "over 0"),
        ("MAX_DEPTH", "0", "1 to 100"),
        ("MAX_DEPTH", "101", "1 to 100"),
        ("MAX_SELECTIONS", "0", "over 0"),
        ("INTROSPECTION", "strangers", "everybody, members or nobody"),
        ("DATABASE_TIMEOUT_SECONDS", "0", "over 0"),
    ],
)
def test_a_value_that_cannot_work_is_refused_with_what_would(
    name: str, text: str, requirement: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({f"KENSHIN_{name}": text})
    assert str(refused.value) == f"KENSHIN_{name} must be {requirement}, found {text!r}"


@pytest.mark.parametrize(
    "text", ["https://a.example/register", "https://a.example/{token}/{key}", "{token", "{{token}}"]
)
@pytest.mark.parametrize("name", ["REGISTRATION_LINK", "RECOVERY_LINK", "EMAIL_LINK"])
def test_a_link_without_a_token_or_with_something_unknown_is_refused(name: str, text: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({f"KENSHIN_{name}": text})
    expected = f"KENSHIN_{name} must be a link with {{token}}"
    assert str(refusal.value) == f"{expected}, found {text!r}"
