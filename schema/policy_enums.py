"""Enumerations of portals, members and staff as clients see them; imported before any type."""

from domain.audit import AuditAct
from domain.billing_policy import ContractsOpen, DetailsOpen
from domain.leaving import LeaveReason, OperatorReason
from domain.members import MemberState
from domain.outbox import Language
from domain.policy import (
    CourseKind,
    Duty,
    LoginIdSource,
    MailTopic,
    PostcardSecret,
    RecoveryWay,
    Registrant,
    WithdrawalEffect,
)
from domain.profile_form import Asked, FieldForm
from domain.staff import StaffRole
from domain.standing import Counted
from domain.terms import Acceptance, TermsChange
from schema.described import described

described(
    MemberState,
    "How far a membership is.",
    ACTIVE="The member may see all that is theirs.",
    POSTCARD_IN_TRANSIT="Logs in, and sees no usage and bills before entering the postcard's code.",
    WITHDRAWN="Has left, or leaves at `leavesAt`; nobody logs in after that.",
)
described(
    Duty,
    "What must be done before the first log-in is complete.",
    CONTRACT_PHONE="`confirmContractPhone`.",
    NEW_PASSWORD="`changePassword`, as the first one came by mail or postcard.",  # noqa: S106 - a text
    KEYWORDS="`setKeywords`.",
    PROFILE="`completeProfile`.",
)
described(
    Registrant,
    "Who may become a member.",
    CONTRACT_HOLDER="Who has a contract of supply, and proves it.",
    UTILITY_ISSUED="Nobody registers: the company makes the account and sends it.",
    ANYONE="Whoever has an e-mail address.",
)
described(
    LoginIdSource,
    "Where a login ID comes from.",
    CHOSEN="The member makes it up.",
    EMAIL="It is the member's first address.",
    ISSUED_BY_MAIL="A mail tells it.",
    ISSUED_BY_POSTCARD="A postcard tells it.",
)
described(
    CourseKind,
    "What a way to prove who one is takes.",
    INSTANT="Nothing more: what was entered agrees with the contract.",
    POSTCARD="A postcard to the contract's address.",
)
described(
    PostcardSecret,
    "What a postcard brings.",
    CODE="A code for `confirmPostcardCode`; until then there are no usage and bills.",
    PASSWORD="The first password.",  # noqa: S106 - a text
    LOGIN_ID_AND_PASSWORD="The login ID and the first password.",  # noqa: S106 - a text
)
described(
    RecoveryWay,
    "How a forgotten ID or password is replaced.",
    SECRET_QUESTION="`recoverLoginId` and `recoverPassword` with the answer to the secret question.",  # noqa: S106 - a text
    CUSTOMER_NUMBER="`requestLoginId` and `requestPasswordReset` with a customer number.",
    KEYWORD_AND_NICKNAME="`recoverLoginId` and `recoverPassword` with identity keyword and nickname.",
    EMAIL_LINK="`requestLoginId` and `requestPasswordReset` with an e-mail address.",
)
described(
    FieldForm,
    "What the value of a profile field looks like.",
    TEXT="A text, as `pattern` and `maxLength` say.",
    POSTAL_CODE="Seven digits like 537-0001; the hyphen may be left out.",
    PHONE="Ten or eleven half-width digits; hyphens may stand between them.",
    HYPHENATED_PHONE="Half-width digits with hyphens, like 06-6441-8821.",
    MONTH="A year and a month, like 1980-04.",
    COUNT="A whole number 1 to 99.",
    CHOICE="The key of one of `choices`.",
)
described(
    Asked,
    "When a profile field is first asked for.",
    REGISTRATION="With `completeRegistration`.",
    FIRST_LOGIN="With `completeProfile`.",
    LATER="Never: `updateProfile` may fill it in.",
)
described(
    WithdrawalEffect,
    "When a withdrawn member loses the portal.",
    AT_ONCE="With `withdraw`.",
    WITHIN_MONTH="At `leavesAt`, at most a month later.",
)
described(
    DetailsOpen,
    "From when usage and bills of a facility may be seen.",
    AT_ONCE="As soon as the facility is the member's.",
    CONTRACT_START="When the start of a contract is registered for it.",
)
described(
    ContractsOpen,
    "From when a facility's contracts may be seen.",
    AT_ONCE="As soon as the facility is the member's.",
    FIRST_BILL="When its first bill may be seen.",
)
described(
    TermsChange,
    "How who was told of a change accepts it without saying so.",
    AFTER_NOTICE="By not withdrawing for some months after the notice.",
    BY_USE="By using the portal after the start.",
)
described(
    Acceptance,
    "How terms were accepted.",
    EXPLICIT="With `acceptTerms` or `completeRegistration`.",
    AFTER_NOTICE="By not withdrawing for some months after the notice.",
    BY_USE="By using the portal after the start.",
)
described(
    MailTopic,
    "Mails that a member may switch on and off.",
    BILL="That a bill can be seen.",
    READING="That the meter was read.",
    ADVERTISING="What the company has to offer.",
)
described(
    Language,
    "Languages of mails.",
    JA="Japanese.",
    EN="English.",
)
described(
    StaffRole,
    "What staff may see and do.",
    CLERK="Sees members, and helps them.",
    MANAGER="All that, ends memberships, and sees the audit log.",
    AUDITOR="Sees the audit log, and no member.",
)
described(
    LeaveReason,
    "Why a membership ended.",
    WITHDRAWAL="The member left.",
    REGISTRATION_REMOVED="Staff removed the account, so that the member registers again.",
    PERSON_DIED="The member died.",
    DOES_NOT_EXIST="There is no such person or company.",
    FALSE_DATA="What was entered was not true.",
    UNSUITABLE_USE="The portal was used against its terms.",
)
described(
    OperatorReason,
    "For what the company ends a membership.",
    PERSON_DIED="The member died.",
    DOES_NOT_EXIST="There is no such person or company.",
    FALSE_DATA="What was entered was not true.",
    UNSUITABLE_USE="The portal was used against its terms.",
)
described(
    Counted,
    "Of what wrong entries are counted.",
    LOG_IN="Passwords.",
    POSTCARD_CODE="Codes of postcards.",
    CONTRACT_PHONE="Phone numbers at the first log-in.",
    RECOVERY="Answers that a forgotten ID or password asks for.",
)
described(
    AuditAct,
    "What staff did; only those up to LOGGED_OUT change nothing.",
    SEARCHED="Looked for a member, and there was none.",
    LOOKED="Looked at a member.",
    LOGGED_IN="Opened a session of staff.",
    LOGGED_OUT="Ended that session.",
    UNLOCKED="Forgot a member's wrong entries.",
    POSTCARD_REISSUED="Sent a member another postcard.",
    REGISTRATION_REMOVED="Removed an account, so that the member registers again.",
    MEMBERSHIP_ENDED="Ended a membership.",
    MESSAGE_RESENT="Had a message sent that was given up.",
    PASSWORD_CHANGED="Changed their own password.",  # noqa: S106 - a text
    STAFF_ADDED="The operator made an account of staff.",
    STAFF_PASSWORD_SET="The operator gave staff a new password.",  # noqa: S106 - a text
    STAFF_ENDED="The operator ended an account of staff.",
)
