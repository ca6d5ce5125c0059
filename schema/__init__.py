"""What clients see. The enumerations come first, so that every type finds them described."""

import schema.consent_enums
import schema.enums
import schema.policy_enums  # noqa: F401 - all register them
