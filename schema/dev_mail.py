"""`/dev/mail`: the mails of a mail folder, for the demo and for development. No other server has it."""

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from datasources.mail_folder import MailFolder, StoredMail
from domain.slots import TOKYO

_LIMIT: Final = 200
_LINK: Final = re.compile(r"https?://[^\s<>\"']+")
_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }}
dd {{ margin: 0 }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; border-top: 1px solid #ddd }}
</style>
{body}
</html>
"""


def dev_mail_routes(folder: str) -> Sequence[Route]:
    """The pages of a folder; none if no folder is set."""
    if not folder:
        return []
    pages = _Pages(MailFolder(Path(folder)))
    return [Route("/dev/mail", pages.listed), Route("/dev/mail/{id}", pages.one)]


class _Pages:
    def __init__(self, folder: MailFolder) -> None:
        self._folder = folder

    async def listed(self, _request: Request) -> Response:
        """The newest mails first."""
        rows = "\n".join(_row(mail) for mail in await self._folder.newest(_LIMIT))
        table = f"<table>\n<tr><th>Sent<th>To<th>Subject\n{rows}\n</table>"
        return _page("Mail", f"<h1>Mail</h1>\n{table if rows else '<p>No mail yet.'}")

    async def one(self, request: Request) -> Response:
        mail = await self._folder.mail(request.path_params["id"])
        if mail is None:
            return _page("No such mail", "<h1>No such mail</h1>", HTTPStatus.NOT_FOUND)
        fields = {"From": mail.sender, "To": mail.to, "Sent": _at(mail.at)}
        listed = "".join(f"<dt>{name}<dd>{escape(value)}" for name, value in fields.items())
        subject = escape(mail.subject)
        body = f"<h1>{subject}</h1>\n<dl>{listed}</dl>\n<pre>{_with_links(mail.body)}</pre>"
        return _page(mail.subject, f'<p><a href="/dev/mail">All mail</a>\n{body}')


def _row(mail: StoredMail) -> str:
    link = f'<a href="/dev/mail/{escape(mail.id)}">{escape(mail.subject)}</a>'
    return f"<tr><td>{_at(mail.at)}<td>{escape(mail.to)}<td>{link}"


def _at(at: datetime) -> str:
    return f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}"


def _with_links(text: str) -> str:
    """A text as HTML, in which addresses of pages can be clicked."""
    parts, end = [], 0
    for found in _LINK.finditer(text):
        link = escape(found.group())
        parts += [escape(text[end : found.start()]), f'<a href="{link}">{link}</a>']
        end = found.end()
    return "".join([*parts, escape(text[end:])])


def _page(title: str, body: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status, _HEADERS)
