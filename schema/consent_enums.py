"""Enumerations of consents as clients see them; imported before any type that has one."""

from domain.consents import ConsentEnd, Scope
from schema.described import described

described(
    Scope,
    "What a consent lets an app see of its facilities.",
    USAGE_READ="`usage:read`: half hours, reading periods, and what plans would have cost.",
    USAGE_LIVE="`usage:live`: readings as they come, the newest one, and the running day.",
    BILLS_READ="`bills:read`: bills with their lines, and how they are paid.",
    PROFILE_READ="`profile:read`: name, addresses, numbers and contracts.",
    POINTS_READ="`points:read`: points. There is nothing of that to see yet.",
)
described(
    ConsentEnd,
    "Why a consent counts no more.",
    WITHDRAWN="The member withdrew it.",
    REPLACED="The member gave the app another one.",
    LAPSED="The app did not use it for 365 days.",
    EXPIRED="Its time was over.",
    MEMBER_LEFT="The member left the portal.",
    ACCESS_RESET="All sessions were ended, as for a forgotten password.",
    APP_ENDED="The app gave it back, or is no more.",
    TOKEN_REUSED="A code or refresh token of the app came twice: somebody had copied it.",  # noqa: S106 - a text
)
