"""What the rules of this package have in common: at most so many, or nothing is executed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.errors import LimitExceeded
from domain.settings import Settings

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """At most so many of what is counted."""

    setting: str
    "Field of the settings that says how many; 0: any number."
    count: Callable[[Subject], int]
    message: str
    "With `{most}` and perhaps `{found}`."

    def check(self, subject: Subject, settings: Settings) -> None:
        """Raises LimitExceeded for what has more."""
        most: int = getattr(settings, self.setting)
        if most and (found := self.count(subject)) > most:
            raise LimitExceeded(self.message.format(most=most, found=found))


def check_all(rules: Iterable[Rule[Subject]], subject: Subject, settings: Settings) -> None:
    """Raises LimitExceeded by the first rule that something breaks."""
    for rule in rules:
        rule.check(subject, settings)
