/**
 * `<k-duties>`: what the first log-in asks for, one thing after the other; and the code of a postcard that
 * is on its way. In light DOM, where password managers look.
 */

import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import {
  CompleteProfileDocument,
  ConfirmContractPhoneDocument,
  ConfirmPasswordDocument,
  ConfirmPostcardCodeDocument,
  DutiesDocument,
  ReissuePostcardDocument,
  ReplacePasswordDocument,
  SetKeywordsDocument,
} from "../generated/graphql";
import { en } from "../text/duties.en";
import { ja } from "../text/duties.ja";
import { t as common, Speaking, texts } from "../text/index";
import { api, session } from "./api";
import { keepDeviceToken } from "./devices";
import { DutyForm, type Sent } from "./duty-form";
import { askedFirst, fieldsOf, inputsOf, keywordsOf, type Rules, type Step } from "./duty-inputs";
import { failed } from "./failure";
import { lastPortal } from "./portals";
import { valuesOf } from "./profile-fields";

const t = texts(en, ja);

/** The steps of a member who has done all duties, and waits for a postcard. */
export const POSTCARD: readonly Step[] = ["POSTCARD"];

@customElement("k-duties")
export class Duties extends LitElement {
  /** What is left to do; of a session, other tabs may do some of it. */
  @property({ attribute: false }) steps: readonly Step[] = [];
  @state() private rules: Rules = null;
  @state() private asked = false;
  @state() private problem: unknown = null;
  @state() private passwordNeeded = false;
  @state() private reissued = false;
  /** As many as there were when the page came to this. */
  #all = 0;
  #shown: Step | null = null;
  readonly #sending = new DutyForm(this);
  protected readonly speaking = new Speaking(this);

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#ask();
  }

  protected override willUpdate(): void {
    this.#all = Math.max(this.#all, this.steps.length);
  }

  protected override updated(): void {
    const shown = (this.asked && this.steps[0]) || null;
    if (shown && shown !== this.#shown) this.querySelector<HTMLElement>("[tabindex]")?.focus();
    this.#shown = shown;
  }

  get #waits(): boolean {
    return this.steps === POSTCARD;
  }

  async #ask(): Promise<void> {
    this.problem = null;
    try {
      const { portal, viewer } = await api.query(DutiesDocument, { portal: lastPortal() ?? "" });
      this.rules = portal;
      this.asked = true;
      if (viewer && !this.#waits) session.setDuties(viewer.duties);
    } catch (error) {
      this.problem = error;
    }
  }

  override render() {
    const [step] = this.steps;
    return html`
      <section class="card log-in">
        ${this.#waits ? nothing : html`<h1>${t("title")}</h1><p>${t("why")}</p>`}
        ${this.problem === null ? nothing : failed(this.problem, () => this.#ask())}
        ${
          this.asked && step
            ? this.#step(step)
            : this.problem === null
              ? html`<p role="status">${common("loading")}</p>`
              : nothing
        }
      </section>
    `;
  }

  #step(step: Step) {
    const of = this.#all;
    const n = of - this.steps.length + 1;
    const general = this.#sending.general(fieldsOf(step, this.rules));
    return html`
      ${of > 1 ? html`<p class="step">${t("step", { n, of })}</p>` : nothing} ${this.#title(step)}
      ${general ? html`<p class="error" role="alert">${general}</p>` : nothing}
      <form @submit=${(event: SubmitEvent) => this.#submit(step, event)} novalidate>
        ${inputsOf(step, {
          rules: this.rules,
          passwordNeeded: this.passwordNeeded,
          faultOf: (name) => this.#sending.faultOf(name),
        })}
        <button class="primary wide" ?disabled=${this.#sending.busy}>
          ${this.#sending.busy ? t("saving") : t("next")}
        </button>
      </form>
      ${step === "POSTCARD" ? this.#reissuing() : nothing}
    `;
  }

  #title(step: Step) {
    return step === "POSTCARD"
      ? html`<h1 tabindex="-1">${t("postcard")}</h1><p>${t("postcard why")}</p>`
      : html`<h2 tabindex="-1">${t(step)}</h2><p>${t(`${step} why`)}</p>`;
  }

  #reissuing() {
    const reissue = async () => {
      this.reissued = false;
      this.reissued = await this.#sending.send(() => api.mutate(ReissuePostcardDocument, {}));
    };
    return html`
      <button type="button" class="quiet wide" ?disabled=${this.#sending.busy} @click=${reissue}>
        ${t("reissue")}
      </button>
      <p role="status">${this.reissued ? t("reissued") : nothing}</p>
    `;
  }

  async #submit(step: Step, event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    if (!(await this.#sending.send(() => this.#send(step, given)))) return;
    form.reset();
    this.passwordNeeded = false;
    if (step === "POSTCARD") this.dispatchEvent(new Event("done"));
    else session.setDuties(session.duties.filter((duty) => duty !== step));
  }

  async #send(step: Step, given: FormData): Promise<Sent> {
    const text = (name: string) => String(given.get(name) ?? "");
    switch (step) {
      case "CONTRACT_PHONE":
        return api.mutate(ConfirmContractPhoneDocument, { input: { phone: text("phone").trim() } });
      case "POSTCARD":
        return api.mutate(ConfirmPostcardCodeDocument, { input: { code: text("code").trim() } });
      case "NEW_PASSWORD": {
        const input = {
          currentPassword: text("currentPassword"),
          newPassword: text("newPassword"),
        };
        return api.mutate(ReplacePasswordDocument, { input });
      }
      case "KEYWORDS":
        return this.#setKeywords(given);
      case "PROFILE": {
        const fields = valuesOf(askedFirst(this.rules), given);
        return api.mutate(CompleteProfileDocument, { input: { fields } });
      }
    }
  }

  /** The password is asked for beside the keywords when it was not given lately. */
  async #setKeywords(given: FormData): Promise<Sent> {
    const password = given.get("password");
    if (password !== null) {
      const input = { password: String(password) };
      const confirmed = await api.mutate(ConfirmPasswordDocument, { input });
      if (confirmed.userErrors.length) return confirmed;
    }
    const keywords = keywordsOf(this.rules).map((name) => String(given.get(name) ?? ""));
    const answer = await api.mutate(SetKeywordsDocument, { input: { keywords } });
    this.passwordNeeded ||= answer.userErrors.some((error) => error.code === "PASSWORD_NEEDED");
    if (answer.deviceToken) keepDeviceToken(lastPortal() ?? "", null, answer.deviceToken);
    return answer;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "k-duties": Duties;
  }
}
