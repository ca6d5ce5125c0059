"""What clients see. The enumerations come first, so that every type finds them described."""

import schema.enums  # noqa: F401 - registers them
