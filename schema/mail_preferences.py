"""Which mails a member wants, as clients see it."""

import strawberry

from domain.mail_preferences import MailPreference as MailPreferenceRecord
from domain.policy import MailTopic
from schema.portal_rules import Label, label_type


@strawberry.type(description="A mail that members may switch on and off.")
class MailPreference:
    topic: MailTopic = strawberry.field(description="What the mails are about.")
    label: Label = strawberry.field(description="How the portal calls them.")
    wanted: bool = strawberry.field(description="Whether the member gets them.")


def mail_preference_type(preference: MailPreferenceRecord) -> MailPreference:
    return MailPreference(
        topic=preference.kind.topic,
        label=label_type(preference.kind.label),
        wanted=preference.wanted,
    )
