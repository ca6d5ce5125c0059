// <kenshin-usage>: the electricity use of one facility, live, on any page. All it knows comes from its
// attributes and properties; two of them on one page share nothing.

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, state } from "lit/decorators.js";
import "../chart/small";
import { Client } from "../api/client";
import { ServerClock } from "../api/clock";
import { type ApiError, asApiError } from "../api/errors";
import { Live, type LiveState } from "../api/live";
import type { ChartColumns } from "../chart/slots";
import { dateTime, isDate, type TokyoDate } from "../format/dates";
import { problem } from "../text/problem";
import { type Language, languageOf } from "../text/say";
import { type TokenCallback, WidgetAccess } from "./access";
import { body } from "./body";
import { Feed, type Shown } from "./feed";
import { isView, type WidgetView } from "./span";
import { widgetStyles } from "./styles";
import { type Speak, speaker, type Word } from "./words";

const NAME = "kenshin-usage";
const SCRIPT = import.meta.url;
const API = new URL("graphql", SCRIPT).href;

export class KenshinUsage extends LitElement {
  static override styles = widgetStyles;

  /** Id of a facility. */
  @property() facility = "";
  /** Address of the GraphQL API; by default that of the server this script comes from. */
  @property() endpoint = API;
  /** An access token. With `tokenCallback` there needs to be none. */
  @property() token = "";
  @property({ attribute: false }) tokenCallback: TokenCallback | null = null;
  /** `today`, `day` or `month`. */
  @property() view = "today";
  /** Day that `day` or `month` shows, like 2026-11-22; without it the newest. */
  @property() date = "";
  @property() override lang = "";

  @state() private shown: Shown | null = null;
  @state() private columns: ChartColumns | null = null;
  @state() private compare: ChartColumns | null = null;
  @state() private streamState: LiveState = "connecting";
  @state() private lastReceivedAt: string | null = null;
  @state() private failure: { readonly error: ApiError; readonly triesAgain: boolean } | null =
    null;

  readonly #access = new WidgetAccess();
  readonly #clock = new ServerClock();
  #live: Live | null = null;
  #feed: Feed | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.#access.callback = this.tokenCallback;
    if (changed.has("token")) this.#access.take(this.token || null);
    // Taken away: nothing stays of what it let in.
    const isTaken = Boolean(changed.get("token")) && !this.token;
    const isNew = changed.has("token") || changed.has("tokenCallback");
    // A connection that works goes on with a new one; one that ended for want of it begins again.
    const isWanted = isNew && this.failure?.error.code === "UNAUTHENTICATED";
    if (isTaken || changed.has("facility") || changed.has("endpoint")) this.shown = null;
    if (isTaken || isWanted || ASKED.some((name) => changed.has(name))) this.#start();
  }

  protected override render(): TemplateResult {
    const { shown, columns, view } = this;
    const say = this.#say;
    return html`<section class="widget" part="widget" aria-label=${shown?.name || say("usage")}>
      <header part="header">
        <span class="name" part="name">${shown?.name || say("usage")}</span>
        ${this.#stateLine()}
      </header>
      ${shown && columns && isView(view) ? this.#body(shown, columns, view) : nothing} ${this.#troubles()}
      ${shown || this.#isStuck() ? nothing : html`<p>${say("loading")}</p>`}
    </section>`;
  }

  #start(): void {
    this.#stop();
    this.failure = null;
    const { view } = this;
    if (!this.isConnected || this.#fault() !== null || !isView(view)) return;
    const endpoint = new URL(this.endpoint, document.baseURI).href;
    const client = new Client(endpoint, this.#access, this.#clock);
    this.#live = new Live(endpoint, this.#access);
    const sources = { client, live: this.#live, clock: this.#clock };
    const date = isDate(this.date) ? this.date : null;
    this.#feed = new Feed(
      sources,
      { facility: this.facility, view, date },
      {
        loaded: (shown) => this.#loaded(shown),
        changed: () => this.#redrawn(),
        state: (told, lastReceivedAt) => {
          this.streamState = told;
          this.lastReceivedAt = lastReceivedAt;
        },
        failed: (error, triesAgain) => {
          this.failure = { error, triesAgain };
          this.streamState = triesAgain ? "reconnecting" : "ended";
        },
      },
    );
    this.streamState = "connecting";
    this.#feed.start();
  }

  #stop(): void {
    this.#feed?.stop();
    this.#live?.dispose();
    this.#feed = this.#live = null;
  }

  #loaded(shown: Shown): void {
    this.failure = null;
    this.shown = shown;
    this.#redrawn();
  }

  #redrawn(): void {
    const { shown } = this;
    if (shown === null) return;
    const { current, before } = shown;
    const daily = this.view === "month";
    this.columns = daily ? current.days() : current.halfHours();
    this.compare = (daily ? before?.days() : before?.halfHours()) ?? null;
  }

  get #language(): Language {
    return languageOf(this.lang || document.documentElement.lang || navigator.language);
  }

  get #say(): Speak {
    return speaker(this.#language);
  }

  /** What is wrong with the attributes. */
  #fault(): Word | null {
    if (this.facility === "") return "no-facility";
    if (!URL.canParse(this.endpoint, document.baseURI)) return "no-endpoint";
    return isView(this.view) ? null : "wrong-view";
  }

  /** Whether nothing more comes by itself. */
  #isStuck(): boolean {
    return this.#fault() !== null || this.failure?.triesAgain === false;
  }

  #stateLine(): TemplateResult {
    const { streamState, lastReceivedAt } = this;
    const late = streamState === "stale" && lastReceivedAt !== null;
    const since = late
      ? ` (${this.#say("stale-since", { when: dateTime(lastReceivedAt, this.#language) })})`
      : "";
    return html`<span class="state ${streamState}" part="state" role="status"
      >${this.#say(streamState)}${since}</span
    >`;
  }

  #body(shown: Shown, columns: ChartColumns, view: WidgetView): TemplateResult {
    const [lang, say, now] = [this.#language, this.#say, this.#clock.now()];
    const go = (date: TokyoDate) => {
      this.date = date;
    };
    return body({ shown, view, columns, compare: this.compare, lang, say, now, go });
  }

  #troubles(): TemplateResult | typeof nothing {
    const fault = this.#fault();
    if (fault !== null)
      return html`<p class="problem" part="problem" role="alert">${this.#say(fault)}</p>`;
    const asOf = this.shown?.current.asOf ?? null;
    const held =
      this.streamState === "reconnecting" || this.streamState === "ended"
        ? asOf && this.#say("shown-as-of", { when: dateTime(asOf * 1000, this.#language) })
        : null;
    return html`
      ${this.failure ? html`<p class="problem" part="problem" role="alert">${this.#failed()}</p>` : nothing}
      ${held ? html`<p class="late">${held}</p>` : nothing}
    `;
  }

  #failed(): string {
    if (this.failure === null) return "";
    const { error, triesAgain } = this.failure;
    // Who looks at it can't log in here: only the page around it can.
    if (asApiError(error).code === "UNAUTHENTICATED") return this.#say("no-token");
    const told = problem(error, this.#language);
    return triesAgain ? `${told} ${this.#say("again")}` : told;
  }
}

/** Properties after which the widget asks anew. */
const ASKED = [
  "facility",
  "endpoint",
  "view",
  "date",
] as const satisfies readonly (keyof KenshinUsage)[];

declare global {
  interface HTMLElementTagNameMap {
    [NAME]: KenshinUsage;
  }
}

if (!customElements.get(NAME)) customElements.define(NAME, KenshinUsage);
