/**
 * `<k-app>`: which of the page's pictures is shown. Nobody is known yet; somebody logs in; has duties; or looks
 * at facilities. In light DOM, so that its parts may name each other by id.
 */

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { asApiError } from "../api/errors";
import { type Duty, FacilityNameDocument } from "../generated/graphql";
import { explain } from "../text/failures";
import { t as common, onLanguage, Speaking, texts } from "../text/index";
import { en } from "../text/shell.en";
import { ja } from "../text/shell.ja";
import { api, live, session } from "./api";
import "./duties";
import "./facilities";
import { FacilityList, type StreamNote } from "./facility-list";
import "./log-in";
import { patiently } from "./patience";
import { lastPortal, portalName } from "./portals";
import { type FacilityRef, type Route, readRoute, router } from "./route";
import { isSpan, loadAll, loadSection, type Section, sectionOf } from "./sections";
import { backLink, header, heading, navigation, skipLink, streamNote } from "./shell";

const t = texts(en, ja);

@customElement("k-app")
export class App extends LitElement {
  @state() private problem: unknown = null;
  @state() private notice = "";
  /** The facility of the address: null while its name is not known. */
  @state() private facility: FacilityRef | null = null;
  @state() private unknown: unknown = null;
  @state() private note: StreamNote | null = null;
  @state() private sectionProblem: unknown = null;
  readonly #list = new FacilityList();
  #restoring = new AbortController();
  #wasIn = false;
  #leaving = false;
  /** What the reader looked at last, to see when they have gone elsewhere. */
  #place = "";
  #lastSpan: Route["view"] = "day";
  protected readonly speaking = new Speaking(this);

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    session.addEventListener("changed", () => this.#sessionChanged());
    router.addEventListener("changed", () => this.#routeChanged());
    this.#list.addEventListener("changed", () => this.#listChanged());
    // The address may name the language.
    onLanguage(() => router.go({}, "replace"));
    this.addEventListener("navigate", (event) => this.#navigate(event as CustomEvent));
    this.addEventListener("stream", (event) => {
      this.note = (event as CustomEvent<StreamNote>).detail;
    });
    this.#routeChanged();
    void this.#restore();
    // While the session is asked for; a fault is told when the view is shown.
    loadSection(sectionOf(router.route.view)).catch(() => undefined);
  }

  /** Find out whether somebody is logged in, until it is known. */
  async #restore(): Promise<void> {
    this.#restoring.abort();
    this.#restoring = new AbortController();
    const { signal } = this.#restoring;
    const failed = (error: unknown) => {
      this.problem = error;
    };
    try {
      await patiently(() => session.restore(), failed, signal);
      this.problem = null;
    } catch (error) {
      if (!signal.aborted) failed(error);
    }
  }

  #sessionChanged(): void {
    this.problem = null;
    if (session.state === "in") {
      this.#wasIn = true;
      void loadAll();
      this.notice = "";
      const portal = lastPortal();
      if (portal !== null && portal !== router.route.portal) router.go({ portal }, "replace");
      if (session.duties.length === 0) void this.#list.load();
    } else if (this.#wasIn) {
      this.#forget();
    }
    this.requestUpdate();
  }

  /** Nothing of who was here stays. */
  #forget(): void {
    this.notice = this.#leaving ? "" : t("ended");
    const { portal } = router.route;
    if (this.#leaving) router.go({ ...readRoute(""), portal }, "replace");
    this.#wasIn = this.#leaving = false;
    this.facility = this.unknown = this.note = null;
    this.#place = "";
    this.#list.clear();
    live.drop();
  }

  #listChanged(): void {
    const duty =
      this.#list.problem === null ? null : asApiError(this.#list.problem).extensions.duty;
    if (duty) {
      session.setDuties([duty as Duty]);
      return;
    }
    const only = this.#list.only;
    const { facility, view } = router.route;
    if (only && facility === null) {
      router.go({ facility: only.id, view: view === "facilities" ? "today" : view }, "replace");
    }
    void this.#name();
    this.requestUpdate();
  }

  #routeChanged(): void {
    const { view } = router.route;
    if (isSpan(view)) this.#lastSpan = view;
    this.sectionProblem = this.problem = null;
    void this.#name();
    this.requestUpdate();
  }

  /** Find the name of the address's facility: in the list, or where that is not there yet, by itself. */
  async #name(): Promise<void> {
    const id = router.route.facility;
    const listed = this.#list.facilities.find((one) => one.id === id);
    if (id === null || listed) {
      // The same object while it is the same: views load anew with another one.
      if (this.facility?.id !== id || this.facility.name !== listed?.name) {
        this.facility = listed ? { id: listed.id, name: listed.name } : null;
      }
      this.unknown = null;
      return;
    }
    if (this.facility?.id === id || session.state !== "in" || session.duties.length) return;
    this.facility = { id, name: "" };
    this.unknown = null;
    try {
      const { facility } = await api.query(FacilityNameDocument, { id });
      if (facility && router.route.facility === id) this.facility = facility;
    } catch (error) {
      if (router.route.facility === id) this.unknown = error;
    }
  }

  #navigate(event: CustomEvent<Partial<Route> & { replace?: boolean }>): void {
    const { replace, ...part } = event.detail;
    router.go(part, replace ? "replace" : "push");
  }

  protected override updated(): void {
    const { facility, view } = router.route;
    const place =
      session.state === "in"
        ? `${facility} ${sectionOf(view)}`
        : session.state === "out"
          ? "out"
          : "";
    document.title = this.#title();
    if (place !== "out" && this.#place && place !== this.#place) {
      scrollTo({ top: 0 });
      this.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    }
    this.#place = place;
  }

  #title(): string {
    const portal = portalName(router.route.portal) ?? "Kenshin";
    if (session.state !== "in") return portal;
    const section = t(sectionOf(router.route.view));
    return [this.facility?.name, section, portal].filter(Boolean).join(" – ");
  }

  override render() {
    if (session.state === "unknown") return this.#opening();
    if (session.state === "out") return this.#entrance(this.#logIn());
    if (session.duties.length) return this.#entrance(html`<k-duties></k-duties>`);
    if (this.#list.memberState === "POSTCARD_IN_TRANSIT") return this.#entrance(this.#postcard());
    return this.#shell();
  }

  #opening() {
    return this.#entrance(
      this.problem === null
        ? html`<p class="opening" role="status">${t("starting")}</p>`
        : html`
            <section class="card log-in" role="alert">
              <h1>${t("unreachable")}</h1>
              <p>${explain(this.problem)}</p>
              <p>${t("trying")}</p>
              <button type="button" class="primary" @click=${() => this.#restore()}>
                ${t("retry")}
              </button>
            </section>
          `,
    );
  }

  #logIn() {
    return html`<k-log-in .notice=${this.notice}></k-log-in>`;
  }

  #postcard() {
    return html`<k-duties postcard @done=${() => this.#list.load()}></k-duties>`;
  }

  /** A page with one thing on it. */
  #entrance(content: TemplateResult) {
    return html`
      ${skipLink(t("skip"))}
      ${header(this.#portal(), session.state === "in" ? { leave: this.#leave, stream: null } : null)}
      <main id="content" class="entrance" tabindex="-1">${content}</main>
    `;
  }

  #shell() {
    const { facility, view } = router.route;
    const many = (this.#list.total ?? 2) > 1;
    const listed = facility === null || view === "facilities";
    return html`
      ${skipLink(t("skip"))}
      ${header(this.#portal(), { leave: this.#leave, stream: this.#stream() })}
      ${this.problem === null ? nothing : html`<p class="error" role="alert">${explain(this.problem)}</p>`}
      <div class="body ${listed ? "listing" : many ? "with-list" : "single"}">
        ${listed || !many ? nothing : this.#sidebar()}
        <main id="content" tabindex="-1">
          ${listed ? this.#facilities() : this.#section(facility)}
        </main>
      </div>
    `;
  }

  #portal(): string {
    return portalName(router.route.portal ?? lastPortal()) ?? "Kenshin";
  }

  #stream() {
    if (this.#list.total === 0) return null;
    const today = router.route.view === "today" && this.unknown === null;
    const shown = today && this.note ? this.note : this.#list.stream;
    return streamNote(shown, shown === this.note || this.#list.only !== null);
  }

  #facilities() {
    return html`
      <h1 tabindex="-1">${t("facilities")}</h1>
      <k-facilities .list=${this.#list}></k-facilities>
    `;
  }

  #sidebar() {
    return html`
      <aside class="sidebar" aria-label=${t("facilities")}>
        <k-facilities .list=${this.#list} .chosen=${router.route.facility}></k-facilities>
      </aside>
    `;
  }

  #section(id: string) {
    const { view } = router.route;
    if (this.unknown !== null) return this.#lost();
    const section = sectionOf(view);
    const facility = this.facility ?? { id, name: "" };
    return html`
      ${(this.#list.total ?? 2) > 1 ? backLink(t("all facilities")) : nothing}
      ${heading(facility.name, t(section))} ${navigation(view, this.#lastSpan)}
      ${this.sectionProblem === null ? this.#view(section, facility) : this.#broken()}
    `;
  }

  #view(section: Section, facility: FacilityRef) {
    const { route } = router;
    loadSection(section).catch((error: unknown) => {
      this.sectionProblem = error;
    });
    switch (section) {
      case "today":
        return html`<k-today .facility=${facility} .route=${route}></k-today>`;
      case "usage":
        return html`<k-usage .facility=${facility} .route=${route}></k-usage>`;
      case "profile":
        return html`<k-profile .facility=${facility} .route=${route}></k-profile>`;
      case "bills":
        return html`<k-bills .facility=${facility} .route=${route}></k-bills>`;
      case "facilities":
        return nothing;
    }
  }

  /** Its code did not come: it may have another name since the server was renewed, which a new page knows. */
  #broken() {
    return html`
      <div class="error" role="alert">
        <p>${t("failed view")}</p>
        <button type="button" @click=${() => location.reload()}>${common("retry")}</button>
      </div>
    `;
  }

  #lost() {
    const code = asApiError(this.unknown).code;
    const known = code === "NOT_FOUND" || code === "BAD_INPUT";
    return html`
      <section class="card log-in">
        <h1 tabindex="-1">${t("not found")}</h1>
        <p>${known ? t("not found why") : explain(this.unknown)}</p>
        <p>${backLink(t("to facilities"), "button primary")}</p>
      </section>
    `;
  }

  readonly #leave = async () => {
    this.#leaving = true;
    try {
      await session.end();
    } catch (error) {
      this.#leaving = false;
      this.problem = error;
    }
  };
}

declare global {
  interface HTMLElementTagNameMap {
    "k-app": App;
  }
}
