/**
 * Logging in, step by step: what is sent, what is wrong with it, and what the portal asks for besides.
 * Without anything that is seen.
 */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { UserError } from "../api/errors";
import {
  AnswerChallengeDocument,
  CompleteExternalLogInDocument,
  type LogInAnswerFragment,
  LogInDocument,
} from "../generated/graphql";
import { explain } from "../text/failures";
import { texts } from "../text/index";
import { en } from "../text/log-in.en";
import { ja } from "../text/log-in.ja";
import { api, session } from "./api";
import { deviceToken, keepDeviceToken } from "./devices";
import { leaveFor, type Return } from "./external";
import { rememberPortal } from "./portals";

const t = texts(en, ja);

export type Challenge = NonNullable<LogInAnswerFragment["challenge"]>;

/** Who somebody says they are. */
interface Who {
  readonly portal: string;
  /** Empty of who comes from another company's log-in. */
  readonly loginId: string;
}

export class Entering implements ReactiveController {
  busy = false;
  faults: readonly UserError[] = [];
  challenge: Challenge | null = null;
  #who: Who = { portal: "", loginId: "" };
  /** Said anew in the language of the moment. */
  #problem: (() => string) | null = null;
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {}

  /** What is wrong and no fault of an entry. */
  get problem(): string {
    return this.#problem?.() ?? "";
  }

  /** Show what is wrong before anything is sent; whether it is nothing. */
  check(faults: readonly UserError[]): boolean {
    this.faults = faults;
    this.#problem = null;
    this.#host.requestUpdate();
    return faults.length === 0;
  }

  /** Back to ID and password. */
  begin(): void {
    this.challenge = null;
    this.check([]);
  }

  async logIn(portal: string, loginId: string, password: string): Promise<void> {
    const input = { portal, loginId, password, deviceToken: deviceToken(portal, loginId) };
    await this.#try({ portal, loginId }, () => api.mutate(LogInDocument, { input }));
  }

  async answer(answer: string): Promise<void> {
    const input = { token: this.challenge?.token ?? "", answer };
    await this.#try(this.#who, () => api.mutate(AnswerChallengeDocument, { input }));
  }

  async leaveFor(portal: string, provider: string): Promise<void> {
    await this.#guarded(async () => {
      this.faults = await leaveFor(portal, provider);
    });
  }

  /** Go on where a provider has sent somebody back to. */
  async comeBack(back: Return | "stranger"): Promise<void> {
    if (back === "stranger" || back.input === null) {
      this.#problem = () => t(back === "stranger" ? "not begun here" : "provider said no");
      return;
    }
    const { portal, input } = back;
    const known = { ...input, deviceToken: deviceToken(portal, "") };
    const who = { portal, loginId: "" };
    await this.#try(who, () => api.mutate(CompleteExternalLogInDocument, { input: known }));
  }

  /** Send something that opens a session, and do what its answer asks for. */
  async #try(who: Who, send: () => Promise<LogInAnswerFragment>): Promise<void> {
    this.#who = who;
    await this.#guarded(async () => {
      const answer = await send();
      if (answer.deviceToken) keepDeviceToken(who.portal, who.loginId, answer.deviceToken);
      this.faults = answer.userErrors;
      this.challenge = answer.challenge ?? null;
      if (!answer.session) return;
      rememberPortal(who.portal);
      await session.keep(answer.session);
    });
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.check([]);
    try {
      await work();
    } catch (error) {
      this.#problem = () => explain(error);
    }
    this.busy = false;
    this.#host.requestUpdate();
  }
}
