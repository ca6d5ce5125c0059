/**
 * `<k-duties>`: what the first log-in asks for, one thing after the other; and the code of a postcard that
 * is on its way. The forms are built from the portal's rules. In light DOM, where password managers look.
 */

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import {
  CompleteProfileDocument,
  ConfirmContractPhoneDocument,
  ConfirmPasswordDocument,
  ConfirmPostcardCodeDocument,
  DutiesDocument,
  type DutiesQuery,
  type Duty,
  ReissuePostcardDocument,
  ReplacePasswordDocument,
  SetKeywordsDocument,
} from "../generated/graphql";
import { en } from "../text/duties.en";
import { ja } from "../text/duties.ja";
import { explain } from "../text/failures";
import { t as common, language, Speaking, texts } from "../text/index";
import { api, session } from "./api";
import { keepDeviceToken } from "./devices";
import { DutyForm, type Sent } from "./duty-form";
import { describedBy, type FieldOptions, field } from "./field";
import { lastPortal } from "./portals";
import { profileField, valuesOf } from "./profile-fields";

const t = texts(en, ja);

type Form = NonNullable<DutiesQuery["portal"]>;
type Step = Duty | "POSTCARD";

@customElement("k-duties")
export class Duties extends LitElement {
  /** The postcard's code is asked for in place of duties. */
  @property({ type: Boolean }) postcard = false;
  @state() private form: Form | null = null;
  @state() private duties: readonly Duty[] = [];
  @state() private problem = "";
  @state() private passwordNeeded = false;
  @state() private said = "";
  /** As many as there were when the page came to this. */
  #all = 0;
  readonly #sending = new DutyForm(this);
  protected readonly speaking = new Speaking(this);

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#ask();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("duties") && this.duties.length) this.querySelector("h2")?.focus();
  }

  async #ask(): Promise<void> {
    this.problem = "";
    try {
      const portal = lastPortal() ?? "";
      const { portal: form, viewer } = await api.query(DutiesDocument, { portal });
      this.form = form ?? null;
      this.#take(this.postcard ? [] : (viewer?.duties ?? []));
    } catch (error) {
      this.problem = explain(error);
    }
  }

  #take(duties: readonly Duty[]): void {
    this.duties = duties;
    this.#all = Math.max(this.#all, duties.length);
    if (!this.postcard) session.setDuties([...duties]);
  }

  override render() {
    const step = this.postcard ? "POSTCARD" : this.duties[0];
    return html`
      <section class="card log-in">
        ${this.postcard ? nothing : html`<h1>${t("title")}</h1><p>${t("why")}</p>`}
        ${this.problem ? this.#failure() : nothing}
        ${step ? this.#step(step) : this.problem ? nothing : html`<p role="status">${common("loading")}</p>`}
      </section>
    `;
  }

  #failure() {
    return html`
      <div class="error" role="alert">
        <p>${this.problem}</p>
        <button type="button" @click=${() => this.#ask()}>${common("retry")}</button>
      </div>
    `;
  }

  #step(step: Step) {
    const of = this.#all;
    const n = of - this.duties.length + 1;
    const [title, why] =
      step === "POSTCARD"
        ? ([t("postcard"), t("postcard why")] as const)
        : ([t(step), t(`${step} why`)] as const);
    const general = this.#sending.general(this.#fieldsOf(step));
    return html`
      ${of > 1 ? html`<p class="step">${t("step", { n, of })}</p>` : nothing}
      ${step === "POSTCARD" ? html`<h1>${title}</h1>` : html`<h2 tabindex="-1">${title}</h2>`}
      <p>${why}</p>
      ${general ? html`<p class="error" role="alert">${general}</p>` : nothing}
      <form @submit=${(event: SubmitEvent) => this.#submit(step, event)} novalidate>
        ${this.#inputs(step)}
        <button class="primary wide" ?disabled=${this.#sending.busy}>
          ${this.#sending.busy ? t("saving") : t("next")}
        </button>
      </form>
      ${step === "POSTCARD" ? this.#reissuing() : nothing}
    `;
  }

  #reissuing() {
    const reissue = async () => {
      const done = await this.#sending.send(() => api.mutate(ReissuePostcardDocument, {}));
      this.said = done ? t("reissued") : "";
    };
    return html`
      <button type="button" class="quiet wide" ?disabled=${this.#sending.busy} @click=${reissue}>
        ${t("reissue")}
      </button>
      <p role="status" ?hidden=${!this.said}>${this.said}</p>
    `;
  }

  #inputs(step: Step): TemplateResult | TemplateResult[] {
    switch (step) {
      case "CONTRACT_PHONE":
        return this.#input("phone", t("phone"), { type: "tel", autocomplete: "tel" });
      case "POSTCARD":
        return this.#input("code", t("code"), { type: "text", autocomplete: "one-time-code" });
      case "NEW_PASSWORD":
        return this.#passwords();
      case "KEYWORDS":
        return this.#keywords();
      case "PROFILE":
        return this.#profile();
    }
  }

  #passwords() {
    const { minLength: min = 8, maxLength: max = 64 } = this.form?.password.form ?? {};
    const hint = t("length", { min, max });
    return html`
      ${this.#input("currentPassword", t("current password"), {
        type: "password",
        autocomplete: "current-password",
      })}
      ${this.#input("newPassword", t("new password"), {
        type: "password",
        autocomplete: "new-password",
        hint,
      })}
    `;
  }

  #keywords() {
    const count = this.form?.secondFactor?.keywords ?? 3;
    const max = this.form?.secondFactor?.form.maxLength ?? 20;
    const inputs = Array.from({ length: count }, (_, index) =>
      this.#input(`${index}`, t("keyword", { n: index + 1 }), {
        type: "text",
        autocomplete: "off",
        max,
      }),
    );
    return html`
      ${inputs}
      ${
        this.passwordNeeded
          ? this.#input("password", t("password again"), {
              type: "password",
              autocomplete: "current-password",
            })
          : nothing
      }
    `;
  }

  #profile() {
    const rules = this.form?.profile;
    const asked = rules?.fields.filter((each) => each.asked === "FIRST_LOGIN") ?? [];
    const oneOf = asked.filter((each) => rules?.oneOf.includes(each.key));
    const names = oneOf.map((each) => each.label[language()]).join(" / ");
    return html`
      ${oneOf.length ? html`<p>${t("one of", { fields: names })}</p>` : nothing}
      ${asked.map((rule) =>
        profileField(rule, {
          error: this.#sending.faultOf(rule.key),
          optional: t("optional"),
          choose: t("choose"),
        }),
      )}
    `;
  }

  #input(
    name: string,
    label: string,
    how: { type: string; autocomplete: string; hint?: string; max?: number },
  ): TemplateResult {
    const error = this.#sending.faultOf(name);
    const of: FieldOptions = { id: `duty-${name}`, label, hint: how.hint, error };
    return field(
      of,
      html`
        <input
          id=${of.id}
          name=${name}
          type=${how.type}
          autocomplete=${how.autocomplete}
          autocapitalize="none"
          spellcheck="false"
          maxlength=${how.max ?? 254}
          aria-describedby=${describedBy(of)}
          aria-invalid=${error ? "true" : nothing}
        />
      `,
    );
  }

  #fieldsOf(step: Step): readonly string[] {
    const inputs = { CONTRACT_PHONE: ["phone"], POSTCARD: ["code"] } as const;
    if (step === "NEW_PASSWORD") return ["currentPassword", "newPassword"];
    if (step === "KEYWORDS") return ["password", "0", "1", "2", "3", "4"];
    if (step === "PROFILE") return this.form?.profile.fields.map((each) => each.key) ?? [];
    return inputs[step];
  }

  async #submit(step: Step, event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    if (!(await this.#sending.send(() => this.#send(step, given)))) return;
    form.reset();
    this.passwordNeeded = false;
    if (step === "POSTCARD") this.dispatchEvent(new Event("done"));
    else this.#take(this.duties.slice(1));
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
        const fields = valuesOf(this.form?.profile.fields ?? [], given);
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
    const keywords = [...given]
      .filter(([name]) => name !== "password")
      .map(([, word]) => `${word}`);
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
