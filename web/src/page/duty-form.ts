/** What the forms of the first log-in have in common: sending, faults beside their fields. */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { UserError } from "../api/errors";
import { explain, explainUserError, fieldOf } from "../text/failures";
import { keepFocus } from "./focus";

export interface Sent {
  readonly userErrors: readonly UserError[];
}

export class DutyForm implements ReactiveController {
  busy = false;
  faults: readonly UserError[] = [];
  #problem: unknown = null;
  readonly #host: ReactiveControllerHost & HTMLElement;

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {}

  /** What is wrong with the form as a whole, or with fields that it does not show. */
  general(fields: readonly string[]): string {
    if (this.#problem !== null) return explain(this.#problem);
    const rest = this.faults.filter((fault) => !fields.includes(nameOf(fault)));
    return rest.map((fault) => explainUserError(fault)).join(" ");
  }

  faultOf(field: string): string | undefined {
    const fault = this.faults.find((each) => nameOf(each) === field);
    return fault ? explainUserError(fault) : undefined;
  }

  /** Whether it was done. */
  async send(work: () => Promise<Sent>): Promise<boolean> {
    const refocus = keepFocus();
    this.busy = true;
    this.faults = [];
    this.#problem = null;
    this.#host.requestUpdate();
    try {
      this.faults = (await work()).userErrors;
    } catch (error) {
      this.#problem = error;
    }
    this.busy = false;
    this.#host.requestUpdate();
    await this.#host.updateComplete;
    const faulty = this.#host.querySelector<HTMLElement>("[aria-invalid=true]");
    if (faulty) faulty.focus();
    else refocus();
    return this.faults.length === 0 && this.#problem === null;
  }
}

/** A field of a profile is named by its key, whatever the path to it. */
function nameOf(fault: UserError): string {
  if (fault.code === "PASSWORD_NEEDED") return "password";
  return fieldOf(fault).split(".").at(-1) ?? "";
}
