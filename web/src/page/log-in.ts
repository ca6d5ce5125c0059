/**
 * `<k-log-in>`: ID and password, labelled as the portal labels them; then a keyword, where a portal
 * asks new devices for one. In light DOM, where password managers look.
 */

import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { UserError } from "../api/errors";
import {
  AnswerChallengeDocument,
  CompleteExternalLogInDocument,
  type LogInAnswerFragment,
  LogInDocument,
  LogInFormDocument,
  type LogInFormQuery,
} from "../generated/graphql";
import { explain, explainUserError, fieldOf } from "../text/failures";
import { language, Speaking, texts } from "../text/index";
import { en } from "../text/log-in.en";
import { ja } from "../text/log-in.ja";
import { api, session } from "./api";
import { deviceToken, keepDeviceToken } from "./devices";
import { leaveFor, returned } from "./external";
import { describedBy, type FieldOptions, field } from "./field";
import { idField, passwordField, portalField } from "./log-in-fields";
import { demoLogIn, lastPortal, portalName, portals, rememberPortal } from "./portals";
import { readRoute, router } from "./route";

const t = texts(en, ja);

type Form = NonNullable<LogInFormQuery["portal"]>;
type Challenge = NonNullable<LogInAnswerFragment["challenge"]>;

@customElement("k-log-in")
export class LogIn extends LitElement {
  /** What to say above the form, as that the session has ended. */
  @property() notice = "";
  @state() private portal = firstPortal();
  @state() private form: Form | null = null;
  @state() private challenge: Challenge | null = null;
  @state() private faults: readonly UserError[] = [];
  @state() private problem = "";
  @state() private busy = false;
  @state() private shown = false;
  @state() private capsLock = false;
  #loginId = "";
  #asking = new AbortController();
  protected readonly speaking = new Speaking(this);

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#askForm();
    void this.#comeBack();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#asking.abort();
  }

  protected override firstUpdated(): void {
    this.#focus(this.portal ? "loginId" : "portal");
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("challenge")) {
      if (this.challenge) this.#focus("answer");
      else if (changed.get("challenge")) this.#focus("password");
    }
  }

  override render() {
    return html`
      <section class="card log-in" aria-labelledby="log-in-title">
        ${this.challenge ? this.#question(this.challenge) : this.#entrance()}
      </section>
      ${this.challenge ? nothing : this.#demo()}
    `;
  }

  #entrance() {
    return html`
      <h1 id="log-in-title" tabindex="-1">${t("title")}</h1>
      ${this.notice ? html`<p class="notice">${this.notice}</p>` : nothing} ${this.#alert()}
      <form @submit=${this.#submit} novalidate aria-busy=${this.busy}>
        ${portals().length > 1 ? this.#portalField() : nothing} ${this.#idField()}
        ${this.#passwordField()}
        <button class="primary wide" ?disabled=${this.busy}>
          ${this.busy ? t("logging in") : t("log in")}
        </button>
      </form>
      ${this.#providers()}
    `;
  }

  #alert() {
    const general = this.faults.filter((fault) => !this.#isShownBeside(fault));
    const text = this.problem || general.map((fault) => explainUserError(fault)).join(" ");
    return text ? html`<p class="error" role="alert">${text}</p>` : nothing;
  }

  /** Whether a fault is told beside its field; what is wrong with both is told above. */
  #isShownBeside(fault: UserError): boolean {
    const fields = this.challenge ? ["answer"] : ["loginId", "password", "portal"];
    return fields.includes(fieldOf(fault)) && isOfForm(fault);
  }

  #portalField() {
    return portalField(this.#options("portal", t("portal")), this.portal, this.#choosePortal);
  }

  #idField() {
    const label = this.form?.loginId.label[language()] ?? t("login id");
    const isEmail = this.form?.loginId.source === "EMAIL";
    return idField(this.#options("loginId", label), this.#loginId, isEmail);
  }

  #passwordField() {
    const label = this.form?.password.label[language()] ?? t("password");
    const hint = this.capsLock ? `${t("caps lock")} ${t("case matters")}` : undefined;
    return passwordField(
      { ...this.#options("password", label), hint },
      {
        shown: this.shown,
        show: () => {
          this.shown = !this.shown;
        },
        capsLock: (on) => {
          this.capsLock = on;
        },
      },
    );
  }

  #providers() {
    const providers = this.form?.externalProviders ?? [];
    if (providers.length === 0) return nothing;
    return html`
      <p class="or"><span>${t("or")}</span></p>
      ${providers.map(
        ({ key, label }) => html`
          <button type="button" class="wide" ?disabled=${this.busy} @click=${() => this.#leave(key)}>
            ${t("with provider", { provider: label[language()] })}
          </button>
        `,
      )}
    `;
  }

  #demo() {
    const demo = demoLogIn();
    if (!demo) return nothing;
    const enter = () => this.#logIn(demo.portal, demo.loginId, demo.password);
    return html`
      <aside class="card demo">
        <p>${t("demo")}</p>
        <button type="button" ?disabled=${this.busy} @click=${enter}>${t("demo log in")}</button>
      </aside>
    `;
  }

  #question(challenge: Challenge) {
    const of = this.#options("answer", t("keyword", { position: challenge.position }));
    return html`
      <h1 id="log-in-title" tabindex="-1">${t("keyword title")}</h1>
      <p>${t("keyword why")}</p>
      ${this.#alert()}
      <form @submit=${this.#answer} novalidate aria-busy=${this.busy}>
        ${field(
          of,
          html`
            <input
              id=${of.id}
              name="answer"
              autocomplete="off"
              autocapitalize="none"
              spellcheck="false"
              maxlength="254"
              aria-describedby=${describedBy(of)}
              aria-invalid=${of.error ? "true" : nothing}
            />
          `,
        )}
        <button class="primary wide" ?disabled=${this.busy}>${t("answer")}</button>
        <button type="button" class="quiet wide" @click=${this.#backToPassword}>
          ${t("back")}
        </button>
      </form>
    `;
  }

  #options(name: string, label: string): FieldOptions {
    const fault = this.faults.find((each) => fieldOf(each) === name && isOfForm(each));
    return { id: `log-in-${name}`, label, error: fault ? explainUserError(fault) : undefined };
  }

  readonly #choosePortal = (portal: string) => {
    this.portal = portal;
    this.form = null;
    this.faults = [];
    void this.#askForm();
  };

  /** The form works without: with its own words where the portal's don't come. */
  async #askForm(): Promise<void> {
    this.#asking.abort();
    this.#asking = new AbortController();
    if (!this.portal) return;
    const { signal } = this.#asking;
    try {
      const { portal } = await api.query(LogInFormDocument, { portal: this.portal }, { signal });
      this.form = portal ?? null;
    } catch {
      this.form = null;
    }
  }

  readonly #submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const loginId = String(given.get("username") ?? "").trim();
    const password = String(given.get("password") ?? "");
    this.#loginId = loginId;
    this.faults = missing({ portal: this.portal, loginId, password });
    if (this.faults.length) this.#focusFault();
    else void this.#logIn(this.portal, loginId, password);
  };

  async #logIn(portal: string, loginId: string, password: string): Promise<void> {
    this.portal = portal;
    this.#loginId = loginId;
    const token = deviceToken(portal, loginId);
    const input = { portal, loginId, password, deviceToken: token };
    await this.#try(() => api.mutate(LogInDocument, { input }));
  }

  readonly #answer = (event: SubmitEvent) => {
    event.preventDefault();
    const answer = String(new FormData(event.target as HTMLFormElement).get("answer") ?? "");
    this.faults = missing({ answer });
    if (this.faults.length) return this.#focusFault();
    const token = this.challenge?.token ?? "";
    void this.#try(() => api.mutate(AnswerChallengeDocument, { input: { token, answer } }));
  };

  readonly #backToPassword = () => {
    this.challenge = null;
    this.faults = [];
  };

  async #leave(provider: string): Promise<void> {
    await this.#guarded(async () => {
      this.faults = await leaveFor(this.portal, provider);
    });
  }

  /** Go on where a provider has sent somebody back to. */
  async #comeBack(): Promise<void> {
    const back = returned(location.search);
    if (back === null) return;
    router.go(readRoute(back === "stranger" ? "" : back.search), "replace");
    if (back === "stranger" || back.input === null) {
      this.problem = t(back === "stranger" ? "not begun here" : "provider said no");
      return;
    }
    this.portal = back.portal;
    void this.#askForm();
    const input = { ...back.input, deviceToken: deviceToken(back.portal, this.#loginId) };
    await this.#try(() => api.mutate(CompleteExternalLogInDocument, { input }));
  }

  /** Send something that opens a session, and do what its answer asks for. */
  async #try(send: () => Promise<LogInAnswerFragment>): Promise<void> {
    await this.#guarded(async () => {
      const answer = await send();
      if (answer.deviceToken) keepDeviceToken(this.portal, this.#loginId, answer.deviceToken);
      this.faults = answer.userErrors;
      this.challenge = answer.challenge ?? null;
      if (!answer.session) return;
      rememberPortal(this.portal);
      await session.keep(answer.session);
    });
    if (this.faults.length) this.#focusFault();
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.problem = "";
    try {
      await work();
    } catch (error) {
      this.problem = explain(error);
    } finally {
      this.busy = false;
    }
  }

  #focusFault(): void {
    const first = this.faults[0] && fieldOf(this.faults[0]);
    this.#focus(
      this.challenge ? "answer" : first === "loginId" || first === "portal" ? first : "password",
    );
  }

  #focus(name: string): void {
    void this.updateComplete.then(() => {
      const input = this.querySelector<HTMLInputElement>(`#log-in-${name}`);
      input?.focus();
      if (input?.value && name !== "portal") input.select();
    });
  }
}

/** The portal of the address, of the last log-in, or the only one. */
function firstPortal(): string {
  const known = [router.route.portal, lastPortal()].find((key) => portalName(key) !== null);
  return known ?? (portals().length === 1 ? (portals()[0]?.key ?? "") : "");
}

function missing(given: Record<string, string>): UserError[] {
  return Object.entries(given)
    .filter(([, value]) => value === "")
    .map(([name]) => ({ code: "REQUIRED", message: "", field: ["input", name] }));
}

/** Whether it says that one field is filled in wrongly. */
function isOfForm(fault: UserError): boolean {
  return !["WRONG_LOGIN", "LOCKED", "TOO_MANY_ATTEMPTS"].includes(fault.code);
}

declare global {
  interface HTMLElementTagNameMap {
    "k-log-in": LogIn;
  }
}
