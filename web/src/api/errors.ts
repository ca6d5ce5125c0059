// What can come back instead of an answer.

/** Something in a form that its user can put right. */
export interface UserError {
  readonly code: string;
  readonly message: string;
  readonly field?: readonly string[] | null;
  readonly retryAt?: string | null;
}

/** An error as GraphQL writes it. */
export interface WireError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/**
 * An operation that could not be done. `code` is one of the first table of docs/errors.md, or of ours:
 * NETWORK (no answer came, or one that is not of the API), TIMEOUT (none came in time).
 */
export class ApiError extends Error {
  readonly code: string;
  readonly path: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    path: readonly (string | number)[] = [],
    extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.path = path;
    this.extensions = extensions;
  }

  static of(error: WireError): ApiError {
    const extensions = error.extensions ?? {};
    return new ApiError(
      String(extensions.code ?? "INTERNAL"),
      error.message,
      error.path,
      extensions,
    );
  }

  /** Under which the server's log has it; null of what is not the server's fault. */
  get requestId(): string | null {
    return textOf(this.extensions.requestId);
  }

  /** Seconds to wait before the next try; null where that does not help, or is not known. */
  get retryAfter(): number | null {
    const seconds = Number(this.extensions.retryAfter);
    return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
  }

  /** Day from which it can be seen; null where that is not known. */
  get availableOn(): string | null {
    return textOf(this.extensions.availableOn);
  }
}

/** Whether it only says that somebody wants the answer no more. */
export const isAbort = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "AbortError";

/** Whatever was thrown, as one kind. What no code foresaw is ours: INTERNAL. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError("INTERNAL", error instanceof Error ? error.message : String(error));
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
