/** What a view says where its answer should be: codes of the first table of docs/errors.md, and two of ours. */
export const en = {
  UNAUTHENTICATED: "Your session has ended. Log in again.",
  FORBIDDEN: "This may not be seen with this session. Log in again, or choose something else.",
  CONSENT_REQUIRED:
    "The member has not let this app see it. Ask for their consent to the missing permission.",
  POSTCARD_IN_TRANSIT:
    "Usage and bills are shown once you have entered the code from the postcard that we sent you.",
  NOT_YET_AVAILABLE: "This is there, but cannot be seen yet. Come back later.",
  NOT_YET_AVAILABLE_UNTIL: "This can be seen from {day}.",
  NOT_FOUND: "There is no such thing, or it is not yours. Choose another one.",
  LINK_ENDED: "The time of this link is over. Ask for the file again.",
  BAD_INPUT: "The address or the entry is wrong. Check it, or go back to the start.",
  RANGE_TOO_LARGE: "This span is too long, or too far back. Choose a shorter or a later one.",
  DOCUMENT_NOT_REGISTERED: "This page does not fit the server any more. Load it again.",
  PERSISTED_QUERY_NOT_FOUND: "This page does not fit the server any more. Load it again.",
  LIMIT_EXCEEDED: "That was too much at once. Close other windows of this page, or wait a moment.",
  RATE_LIMITED: "Too much was asked for in a minute. Wait a moment and try again.",
  RATE_LIMITED_FOR:
    "Too much was asked for in a minute. Try again in {seconds} {seconds|second|seconds}.",
  UNAVAILABLE: "The service does not answer at the moment. Try again in a few minutes.",
  INTERNAL: "Something went wrong on our side. Try again later.",
  INTERNAL_KNOWN_AS:
    "Something went wrong on our side. Try again later; if it stays, tell us this number: {requestId}",
  NETWORK: "The server cannot be reached. Check your connection and try again.",
  TIMEOUT: "The answer took too long. Try again.",
} as const;
