"""What a member knows by heart who has forgotten ID or password: a secret answer, or a keyword (MB-11).

Where a portal has both ways, one secret of a member is the answer and the keyword.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.identity import Fault, FaultCode, FieldPath, text_fault
from domain.members import Credentials, login_key
from domain.policy import Recovery, RecoveryWay
from domain.same_text import same_text

NICKNAME: Final = "nickname"
"Key of the profile field that is asked for with the keyword."


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What a member enters to be asked for later; the question is None where there are none."""

    question: str | None
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recollection:
    """What somebody enters who has forgotten the password, or the login ID, which is None then."""

    way: RecoveryWay
    email: str = field(repr=False)
    login_id: str | None = field(repr=False)
    question: str | None
    nickname: str | None = field(repr=False)
    answer: str = field(repr=False)


def answer_key(text: str) -> str:
    """What answers, keywords and nicknames are compared by: no matter the width, spaces and case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(unicodedata.normalize("NFKC", folded).split())


def answer_faults(rule: Recovery, given: GivenAnswer, path: FieldPath) -> Iterator[Fault]:
    """What is wrong with a new answer, and with its question where there are some to choose from."""
    if rule.questions:
        yield from question_faults(rule, given.question, path)
    if rule.answer is not None and (
        fault := text_fault(rule.answer, given.answer, (*path, "answer"))
    ):
        yield fault


def question_faults(rule: Recovery, question: str | None, path: FieldPath) -> Iterator[Fault]:
    keys = [each.key for each in rule.questions]
    if not question:
        yield Fault(FaultCode.REQUIRED, "must be one of the questions", (*path, "question"))
    elif question not in keys:
        message = f"expected one of {', '.join(keys)}"
        yield Fault(FaultCode.UNKNOWN_CHOICE, message, (*path, "question"))


def meant(known: Sequence[Credentials], entered: Recollection) -> Credentials | None:
    """Whose answer it must be: the only member of whom all else is right, None if it is not one alone.

    So that one answer is judged, however many members an address has.
    """
    found = [each for each in known if _is_meant(each, entered)]
    return found[0] if len(found) == 1 else None


def _is_meant(known: Credentials, entered: Recollection) -> bool:
    if known.recovery is None:
        return False
    member, wanted = known.member, entered.login_id
    if wanted is not None and login_key(wanted) != login_key(member.login_id):
        return False
    if entered.way is RecoveryWay.SECRET_QUESTION:
        return _alike(entered.question, known.recovery.question)
    return _alike(entered.nickname, member.fields.get(NICKNAME))


def _alike(given: str | None, held: str | None) -> bool:
    same = same_text(answer_key(given or ""), answer_key(held or ""))
    return same and bool(held)
