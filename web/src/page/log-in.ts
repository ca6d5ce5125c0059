/**
 * `<k-log-in>`: ID and password, labelled as the portal labels them; then a keyword, where a portal
 * asks new devices for one. In light DOM, where password managers look.
 */

import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { UserError } from "../api/errors";
import { LogInFormDocument, type LogInFormQuery } from "../generated/graphql";
import { explainUserError, fieldOf } from "../text/failures";
import { language, Speaking, texts } from "../text/index";
import { en } from "../text/log-in.en";
import { ja } from "../text/log-in.ja";
import { api } from "./api";
import { type Challenge, Entering } from "./entering";
import { returned } from "./external";
import type { FieldOptions } from "./field";
import { keepFocus } from "./focus";
import { answerField, idField, passwordField, portalField } from "./log-in-fields";
import { patiently } from "./patience";
import { demoLogIn, lastPortal, portalName, portals } from "./portals";
import { readRoute, router } from "./route";

const t = texts(en, ja);

type Form = NonNullable<LogInFormQuery["portal"]>;

@customElement("k-log-in")
export class LogIn extends LitElement {
  /** Whether a session has just ended by itself. */
  @property({ type: Boolean }) ended = false;
  @state() private portal = firstPortal();
  @state() private form: Form | null = null;
  @state() private shown = false;
  @state() private capsLock = false;
  #loginId = "";
  #asking = new AbortController();
  readonly #entering = new Entering(this);
  protected readonly speaking = new Speaking(this);

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#askForm();
    this.#comeBack();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#asking.abort();
  }

  protected override firstUpdated(): void {
    this.#focus(this.portal ? "loginId" : "portal");
  }

  override render() {
    const { challenge } = this.#entering;
    return html`
      <section class="card log-in" aria-labelledby="log-in-title">
        ${challenge ? this.#question(challenge) : this.#entrance()}
      </section>
      ${challenge ? nothing : this.#demo()}
    `;
  }

  #entrance() {
    return html`
      <h1 id="log-in-title" tabindex="-1">${t("title")}</h1>
      ${this.ended ? html`<p class="notice" role="alert">${t("ended")}</p>` : nothing}
      ${this.#alert()}
      <form @submit=${this.#submit} novalidate aria-busy=${this.#entering.busy}>
        ${portals().length > 1 ? this.#portalField() : nothing} ${this.#idField()}
        ${this.#passwordField()}
        <button class="primary wide" ?disabled=${this.#entering.busy}>
          ${this.#entering.busy ? t("logging in") : t("log in")}
        </button>
      </form>
      ${this.#providers()}
    `;
  }

  #alert() {
    const { faults, problem } = this.#entering;
    const general = faults.filter((fault) => !this.#isShownBeside(fault));
    const text = problem || general.map((fault) => explainUserError(fault)).join(" ");
    return text ? html`<p class="error" role="alert">${text}</p>` : nothing;
  }

  /** Whether a fault is told beside its field; what is wrong with both is told above. */
  #isShownBeside(fault: UserError): boolean {
    const fields = this.#entering.challenge ? ["answer"] : ["loginId", "password", "portal"];
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
          <button type="button" class="wide" ?disabled=${this.#entering.busy} @click=${() => this.#leave(key)}>
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
        <button type="button" ?disabled=${this.#entering.busy} @click=${enter}>${t("demo log in")}</button>
      </aside>
    `;
  }

  #question(challenge: Challenge) {
    const { busy } = this.#entering;
    return html`
      <h1 id="log-in-title" tabindex="-1">${t("keyword title")}</h1>
      <p>${t("keyword why")}</p>
      ${this.#alert()}
      <form @submit=${this.#answer} novalidate aria-busy=${busy}>
        ${answerField(this.#options("answer", t("keyword", { position: challenge.position })))}
        <button class="primary wide" ?disabled=${busy}>${t("answer")}</button>
        <button type="button" class="quiet wide" ?disabled=${busy} @click=${this.#backToPassword}>
          ${t("back")}
        </button>
      </form>
    `;
  }

  #options(name: string, label: string): FieldOptions {
    const fault = this.#entering.faults.find((each) => fieldOf(each) === name && isOfForm(each));
    return { id: `log-in-${name}`, label, error: fault ? explainUserError(fault) : undefined };
  }

  readonly #choosePortal = (portal: string) => {
    this.#entering.check([]);
    this.#take(portal);
  };

  #take(portal: string): void {
    if (portal === this.portal) return;
    this.portal = portal;
    this.form = null;
    router.go({ portal }, "replace");
    void this.#askForm();
  }

  /** The form works without: with its own words where the portal's don't come. */
  async #askForm(): Promise<void> {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const { portal } = this;
    if (!portal) return;
    const ask = () => api.query(LogInFormDocument, { portal }, { signal });
    try {
      this.form = (await patiently(ask, () => undefined, signal)).portal ?? null;
    } catch {
      // As above.
    }
  }

  readonly #submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const loginId = String(given.get("username") ?? "").trim();
    const password = String(given.get("password") ?? "");
    const { portal } = this;
    this.#loginId = loginId;
    if (this.#entering.check(missing({ portal, loginId, password }))) {
      void this.#logIn(portal, loginId, password);
    } else this.#focusFault();
  };

  #logIn(portal: string, loginId: string, password: string): Promise<void> {
    this.#take(portal);
    this.#loginId = loginId;
    return this.#settle(this.#entering.logIn(portal, loginId, password));
  }

  readonly #answer = (event: SubmitEvent) => {
    event.preventDefault();
    const answer = String(new FormData(event.target as HTMLFormElement).get("answer") ?? "");
    if (this.#entering.check(missing({ answer }))) void this.#settle(this.#entering.answer(answer));
    else this.#focusFault();
  };

  readonly #backToPassword = () => {
    this.#entering.begin();
    this.#focus("password");
  };

  #leave(provider: string): void {
    void this.#settle(this.#entering.leaveFor(this.portal, provider));
  }

  #comeBack(): void {
    const back = returned(location.search);
    if (back === null) return;
    router.go(readRoute(back === "stranger" ? "" : back.search), "replace");
    if (back !== "stranger") this.#take(back.portal);
    void this.#settle(this.#entering.comeBack(back));
  }

  /** Lead to what is asked for, or wrong, when an answer has come. */
  async #settle(trying: Promise<void>): Promise<void> {
    const refocus = keepFocus();
    const { challenge } = this.#entering;
    await trying;
    await this.updateComplete;
    if (this.#entering.faults.length || this.#entering.challenge !== challenge) this.#focusFault();
    else refocus();
  }

  #focusFault(): void {
    const first = this.#entering.faults[0] && fieldOf(this.#entering.faults[0]);
    if (this.#entering.challenge) this.#focus("answer");
    else this.#focus(first === "loginId" || first === "portal" ? first : "password");
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
