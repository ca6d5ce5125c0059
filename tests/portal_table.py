"""The table of `docs/portals.md`, made from the policies: `python -m tests.portal_table` writes it."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from datasources.portal_files import read_portals
from domain.billing_policy import ContractsOpen, DetailsOpen
from domain.policy import Course
from domain.portal import Portal
from domain.profile_form import ProfileField
from domain.text_forms import TextForm

PAGE: Final = Path(__file__).parents[1] / "docs" / "portals.md"
_TABLE: Final = re.compile(r"(?<=<!-- table -->\n).*?(?=<!-- end of table -->)", re.DOTALL)


def _words(name: str) -> str:
    return name.lower().replace("_", " ")


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(_words, names)) or "none"


def _form(form: TextForm) -> str:
    needs = "".join(f", with a {need.lower()}" for need in form.needs)
    return f"{form.min_length} to {form.max_length} {_words(form.characters)}{needs}"


def _registration(portal: Portal) -> str:
    low = ", low voltage only" if portal.registration.low_voltage_only else ""
    first = f", begins with a link good for {portal.registration.link_hours} h"
    return (
        f"{_words(portal.registration.by)}{low}{first if portal.registration.email_first else ''}"
    )


def _login_id(portal: Portal) -> str:
    rule = portal.login_id
    form = f": {_form(rule.form)}" if rule.form else ""
    case = "sensitive" if rule.case_sensitive else "insensitive"
    changeable = ", changeable" if rule.changeable else ""
    return f"{_words(rule.source)}{form}, case {case}{changeable}"


def _password(portal: Portal) -> str:
    same = "" if portal.password.may_equal_login_id else ", never the ID"
    return f"{_form(portal.password.form)}{same}"


def _email(portal: Portal) -> str:
    rule = portal.email
    many = "one" if rule.max_addresses == 1 else f"up to {rule.max_addresses}"
    alone = ", each of one member" if rule.one_member_each else ""
    return f"{many} of up to {rule.max_length}, {_words(rule.characters)}{alone}"


def _course(course: Course) -> str:
    four = " with last four digits" if course.last_four else ""
    card = course.postcard
    secret = (
        f" with {_words(card.secret)} of {card.length}, good for {card.days} days" if card else ""
    )
    return f"{_words(course.kind)}{four}{secret} ({_list(course.payment_methods)})"


def _lockout(portal: Portal) -> str:
    return f"{portal.lockout.attempts} wrong passwords, until {portal.lockout.until_hour}:00"


def _new_device(portal: Portal) -> str:
    rule = portal.second_factor
    return f"one of {rule.keywords} keywords, {_form(rule.form)}" if rule else "no more"


def _providers(portal: Portal) -> str:
    rule = portal.external_log_in
    return ", ".join(each.label.en.lower() for each in rule.providers) if rule else "none"


def _field(field: ProfileField) -> str:
    star = "*" if field.required else ""
    return f"{field.key}{star} ≤{field.length}"


def _fields(portal: Portal) -> str:
    form = portal.profile
    one_of = f"; one of {' and '.join(form.one_of)}" if form.one_of else ""
    return ", ".join(map(_field, form.fields)) + one_of


def _withdrawal(portal: Portal) -> str:
    rule = portal.withdrawal
    notice = ", one last notice" if rule.last_notice else ""
    end = ", also by the end of the contract" if rule.contract_end_withdraws else ""
    return f"{_words(rule.effect)}{notice}{end}"


def _count(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _terms(portal: Portal) -> str:
    """Documents, and how a change of each is accepted by who does not say so."""
    named = [
        f"{document.key} ({_count(document.notice_months, 'month')} after notice)"
        if document.notice_months
        else f"{document.key} (by use after the start)"
        for document in portal.terms
    ]
    return ", ".join(named) or "none"


def _availability(portal: Portal) -> str:
    days = portal.billing.available_business_days
    return f"{_count(days, 'business day')} after the reading" if days else "as soon as issued"


def _opening(portal: Portal) -> str:
    """What of a facility stays closed at first, and until when."""
    rule = portal.billing
    waits = [
        ("usage and bills", DetailsOpen.AT_ONCE, rule.details_open),
        ("contracts", ContractsOpen.AT_ONCE, rule.contracts_open),
    ]
    told = [f"{what} from {_words(opens)}" for what, at_once, opens in waits if opens != at_once]
    return ", ".join(told) or "all at once"


def _certificate(portal: Portal) -> str:
    rule = portal.billing.certificate
    if rule is None:
        return "none"
    methods = _list(rule.excluded_methods)
    return f"of {rule.months} months, kept for {rule.download_days} days, not for: {methods}"


_ROWS: Final[dict[str, Callable[[Portal], str]]] = {
    "portal": lambda portal: f"{portal.name} ({portal.company})",
    "registers": _registration,
    "login ID": _login_id,
    "password": _password,
    "e-mail addresses": _email,
    "agree with the contract": lambda portal: ", ".join(portal.proof.matches) or "nothing",
    "courses": lambda portal: "; ".join(map(_course, portal.proof.courses)) or "none",
    "lock": _lockout,
    "new device": _new_device,
    "outside accounts": _providers,
    "recovery": lambda portal: _list(portal.recovery.ways),
    "fields (* required)": _fields,
    "first login": lambda portal: _list(portal.first_login.duties),
    "withdrawal": _withdrawal,
    "access after the last contract": (
        lambda portal: f"{portal.withdrawal.access_after_contract_months} months"
    ),
    "terms of use": _terms,
    "plans": lambda portal: ", ".join(portal.billing.plans) or "none",
    "bills are seen": _availability,
    "result of a debit": (
        lambda portal: f"{_count(portal.billing.debit_result_business_days, 'business day')} later"
    ),
    "opens later": _opening,
    "payment certificate": _certificate,
    "mails to switch": lambda portal: _list(kind.topic for kind in portal.mail_kinds),
}


def table() -> str:
    """A row for each subject, a column for each portal."""
    portals = read_portals()
    lines = [["", *(f"`{key}`" for key in portals)], ["---"] * (len(portals) + 1)]
    lines += [[name, *map(cell, portals.values())] for name, cell in _ROWS.items()]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def printed() -> str:
    """The table as the page has it."""
    (found,) = _TABLE.findall(PAGE.read_text("utf-8"))
    return str(found)


if __name__ == "__main__":
    PAGE.write_text(_TABLE.sub(lambda _: table(), PAGE.read_text("utf-8")), "utf-8")
