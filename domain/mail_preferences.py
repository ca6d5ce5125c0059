"""Which mails a member wants, of those that the portal lets members switch (MB-14, NO-3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.policy import MailKindRule
from domain.portal import Portal


@dataclass(frozen=True, slots=True)
class MailPreference:
    kind: MailKindRule
    wanted: bool


def mail_preferences(portal: Portal, chosen: Mapping[str, bool]) -> tuple[MailPreference, ...]:
    """All kinds of a portal in its order; of one that was never switched what the policy says."""
    return tuple(
        MailPreference(kind, chosen.get(kind.topic, kind.at_first)) for kind in portal.mail_kinds
    )
