"""SMTP with TLS and passwords: a secret only goes to a server that proved who it is."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import trustme

from datasources.mail import Mail, MailDelayed
from datasources.smtp import SmtpCarrier, SmtpServer
from tests.smtp_server import PASSWORD, USER, SmtpProcess

SENDER = "no-reply@portal.example"
MAIL = Mail("b" * 24, "hanako@example.jp", b"Message-ID: <b@portal.example>\r\n\r\nHello\r\n")
SECRET = f"{USER}:{quote(PASSWORD, safe='')}"

Started = Callable[..., SmtpProcess]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Whom a client trusts: the authority of the servers."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="module")
def started(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Starts a server with these options and a certificate for 127.0.0.1, once for all tests."""
    folder = tmp_path_factory.mktemp("smtp")
    certificate = folder / "certificate.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    running: dict[tuple[str, ...], SmtpProcess] = {}

    def start(*options: str, tls: bool = True) -> SmtpProcess:
        options = (*options, *(("--certificate", str(certificate)) if tls else ()))
        if options not in running:
            running[options] = SmtpProcess(folder, None, *options)
            running[options].wait_until_ready()
        return running[options]

    yield start
    for process in running.values():
        process.end()


async def carried(url: str, trust: ssl.SSLContext | None = None) -> None:
    carrier = SmtpCarrier(SmtpServer.of(url), SENDER, 10.0, trust)
    try:
        await carrier.carry(MAIL)
    finally:
        await carrier.rest()


def url_of(process: SmtpProcess, scheme: str, secret: str = SECRET) -> str:
    return f"{scheme}://{secret}@127.0.0.1:{process.port}"


@pytest.mark.parametrize(("scheme", "options"), [("smtp", ()), ("smtps", ("--implicit",))])
async def test_a_mail_leaves_over_tls_with_a_password(
    started: Started, trusting: ssl.SSLContext, scheme: str, options: tuple[str, ...]
) -> None:
    server = await asyncio.to_thread(started, *options)
    before = len(server.received())

    await carried(url_of(server, scheme), trusting)

    (mail,) = server.received()[before:]
    assert (mail.tls, mail.recipients) == (True, ["hanako@example.jp"])


async def test_an_authority_that_the_environment_names_is_trusted(
    started: Started, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    server = await asyncio.to_thread(started)
    before = len(server.received())

    await carried(url_of(server, "smtp"))

    assert len(server.received()) == before + 1


async def test_a_wrong_password_delays_a_mail(started: Started, trusting: ssl.SSLContext) -> None:
    server = await asyncio.to_thread(started)

    with pytest.raises(MailDelayed, match=r"^SMTPAuthenticationError 535$"):
        await carried(url_of(server, "smtp", f"{USER}:wrong"), trusting)


@pytest.mark.parametrize(("scheme", "options"), [("smtp", ()), ("smtps", ("--implicit",))])
async def test_a_server_that_nobody_vouches_for_gets_no_password(
    started: Started, scheme: str, options: tuple[str, ...]
) -> None:
    server = await asyncio.to_thread(started, *options)
    before = len(server.received())

    with pytest.raises(MailDelayed):
        await carried(url_of(server, scheme))

    assert len(server.received()) == before


async def test_a_server_without_starttls_gets_no_password(started: Started) -> None:
    server = await asyncio.to_thread(started, tls=False)

    with pytest.raises(MailDelayed, match=r"^SMTPException$"):
        await carried(url_of(server, "smtp"))

    assert server.received() == []


async def test_a_mail_without_a_password_uses_tls_if_it_can(started: Started) -> None:
    server = await asyncio.to_thread(started, "--open")
    before = len(server.received())

    await carried(server.url)

    (mail,) = server.received()[before:]
    assert mail.tls


async def test_a_connection_carries_many_mails(started: Started) -> None:
    server = await asyncio.to_thread(started, tls=False)
    carrier = SmtpCarrier(SmtpServer.of(server.url), SENDER, 10.0)

    for _ in range(3):
        await carrier.carry(MAIL)
    await carrier.rest()
    await carrier.carry(MAIL)
    await carrier.rest()

    assert len({mail.connection for mail in server.received()[-4:-1]}) == 1
    assert len({mail.connection for mail in server.received()[-4:]}) == 2


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail", SmtpServer("mail", 25, tls=False, username=None, password=None)),
        ("smtps://mail/", SmtpServer("mail", 465, tls=True, username=None, password=None)),
        (
            "smtp://u%40x:p%2F%3A@[::1]:587",
            SmtpServer("::1", 587, tls=False, username="u@x", password="p/:"),
        ),
    ],
)
def test_a_url_names_a_server(url: str, server: SmtpServer) -> None:
    assert SmtpServer.of(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail:25",
        "http://mail",
        "smtp://",
        "smtp://u:secret@mail:port",
        "smtp://u:secret@mail:99999",
        "smtp://u:secret@mail/path",
        "smtp://u@mail",
        "smtp://u:secret@[::1",
    ],
)
def test_a_wrong_url_is_refused_without_repeating_a_secret(url: str) -> None:
    with pytest.raises(ValueError, match=r"^KENSHIN_SMTP_URL") as refusal:
        SmtpServer.of(url)

    assert "secret" not in str(refusal.value)
