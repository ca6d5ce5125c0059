// Queries and mutations over HTTP. Nothing here belongs to the page alone: each widget has a client of
// its own, for its own endpoint and token.

import type { TypedDocumentString } from "../generated/graphql";
import { ServerClock } from "./clock";
import { ApiError, type WireError } from "./errors";

// biome-ignore lint/suspicious/noExplicitAny: what a document answers, where its type is not at hand
type Any = any;

/** An operation of `src/documents`, as the generator writes it. */
export type Document<Result = Any, Variables = Any> = TypedDocumentString<Result, Variables>;

export interface Access {
  /** For `Authorization`; null for nobody. */
  token(): Promise<string | null>;
  /** Another one in place of one that the API did not take; null if there is none. */
  renew(rejected: string): Promise<string | null>;
  /** Renewed tokens are not taken either: nobody is logged in any more. */
  lost?(): void;
}

export interface Options {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface Partly<Result> {
  /** Null in place of every field that failed, or altogether. */
  readonly data: Result | null;
  readonly errors: readonly ApiError[];
}

type Payload<Result> = NonNullable<Result[keyof Result]>;

interface Answer {
  readonly data?: Any;
  readonly errors?: readonly WireError[];
}

const TIMEOUT_MS = 30_000;
/** For one operation. One is enough, unless another tab renews at the same time. */
export const RENEWALS = 2;

export class Client {
  readonly #url: string;
  readonly #access: Access;
  readonly #clock: ServerClock;

  constructor(url: string, access: Access, clock = new ServerClock()) {
    this.#url = url;
    this.#access = access;
    this.#clock = clock;
  }

  /** The whole answer; throws ApiError, or what `signal` was aborted with. */
  async query<R, V>(document: Document<R, V>, variables: V, options: Options = {}): Promise<R> {
    const { data, errors } = await this.queryPartly(document, variables, options);
    if (errors[0] !== undefined) throw errors[0];
    return data as R;
  }

  /** What could be answered, and the errors of the rest; throws ApiError where there was no answer. */
  async queryPartly<R, V>(
    document: Document<R, V>,
    variables: V,
    options: Options = {},
  ): Promise<Partly<R>> {
    let token = await this.#access.token();
    for (let renewals = 0; ; renewals += 1) {
      const answer = await this.#ask(document, variables, token, options);
      if (token === null || !answer.errors?.some(isUnauthenticated)) return partly(answer);
      // Another tab may have renewed the session meanwhile, or the computer slept over its end.
      token = renewals < RENEWALS ? await this.#access.renew(token) : null;
      if (token !== null) continue;
      this.#access.lost?.();
      return partly(answer);
    }
  }

  /** The payload of a mutation's one field, with its `userErrors`; throws as `query`. */
  async mutate<R extends object, V>(
    document: Document<R, V>,
    variables: V,
    options: Options = {},
  ): Promise<Payload<R>> {
    const data = await this.query(document, variables, options);
    return Object.values(data)[0] as Payload<R>;
  }

  async #ask(
    document: Document,
    variables: Any,
    token: string | null,
    options: Options,
  ): Promise<Answer> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    const sent = this.#clock.mark();
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: {
          accept: "application/graphql-response+json",
          "content-type": "application/json",
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query: document.toString(), variables }),
        // Who asks is known by the token alone.
        credentials: "omit",
        signal,
      });
      this.#clock.observe(response.headers.get("date"), sent);
      return answerOf(await response.text(), response);
    } catch (error) {
      if (options.signal?.aborted || error instanceof ApiError) throw error;
      if (timeout.aborted) throw new ApiError("TIMEOUT", "no answer in time");
      throw new ApiError("NETWORK", "the API cannot be reached");
    }
  }
}

const isUnauthenticated = (error: WireError): boolean =>
  error.extensions?.code === "UNAUTHENTICATED";

function partly<R>(answer: Answer): Partly<R> {
  return { data: answer.data ?? null, errors: (answer.errors ?? []).map(ApiError.of) };
}

/** A proxy in between may answer with a page of its own. */
function answerOf(text: string, response: Response): Answer {
  try {
    const answer = JSON.parse(text);
    if (answer !== null && ("data" in answer || Array.isArray(answer.errors))) return answer;
  } catch {
    // Told below.
  }
  const code = response.status === 429 ? "RATE_LIMITED" : "NETWORK";
  throw new ApiError(code, `answered ${response.status}`);
}
