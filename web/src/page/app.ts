/**
 * `<k-app>`: which of the page's pictures is shown. Nobody is known yet; somebody logs in; has duties; or looks
 * at facilities. In light DOM, so that its parts may name each other by id.
 */

import { html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state } from "lit/decorators.js";
import { asApiError } from "../api/errors";
import type { Duty } from "../generated/graphql";
import { explain } from "../text/failures";
import { onLanguage, Speaking, texts } from "../text/index";
import { en } from "../text/shell.en";
import { ja } from "../text/shell.ja";
import { session } from "./api";
import { POSTCARD } from "./duties";
import "./facilities";
import { FacilityList, type StreamNote } from "./facility-list";
import "./log-in";
import { NamedFacility } from "./named-facility";
import { passes, patiently } from "./patience";
import { lastPortal, portalName } from "./portals";
import { type FacilityRef, type Route, readRoute, router } from "./route";
import { isSpan, loadAll, loadSection, type Section, sectionOf } from "./sections";
import { backLink, broken, header, heading, lost, navigation, skipLink, streamNote } from "./shell";

const t = texts(en, ja);

/** What the page shows at a time. */
type Picture = "opening" | "log-in" | "duties" | "postcard" | "shell";

const FIRST_SPAN = "day";

@customElement("k-app")
export class App extends LitElement {
  @state() private problem: unknown = null;
  /** The session ended without the reader's doing. */
  @state() private ended = false;
  /** Of the running day that is shown. */
  @state() private note: (StreamNote & { readonly of: string | null }) | null = null;
  @state() private sectionProblem: unknown = null;
  readonly #list = new FacilityList();
  readonly #facility = new NamedFacility(this.#list);
  #restoring = new AbortController();
  #wasIn = false;
  #leaving = false;
  /** What the reader looked at last, to see when they have gone elsewhere. */
  #place = "";
  #lastSpan: Route["view"] = FIRST_SPAN;
  protected readonly speaking = new Speaking(this);

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    session.addEventListener("changed", () => this.#sessionChanged());
    router.addEventListener("changed", () => this.#routeChanged());
    this.#list.addEventListener("changed", () => this.#listChanged());
    this.#facility.addEventListener("changed", () => this.requestUpdate());
    // The address may name the language.
    onLanguage(() => router.go({}, "replace"));
    this.addEventListener("navigate", (event) => this.#navigate(event as CustomEvent));
    this.addEventListener("stream", (event) => {
      this.note = { ...(event as CustomEvent<StreamNote>).detail, of: router.route.facility };
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
      this.ended = false;
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
    this.ended = !this.#leaving;
    const { portal } = router.route;
    if (this.#leaving) router.go({ ...readRoute(""), portal }, "replace");
    this.#wasIn = this.#leaving = false;
    this.problem = this.note = null;
    this.#place = "";
    this.#lastSpan = FIRST_SPAN;
    this.#list.clear();
    this.#facility.forget();
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
    this.#facility.find();
    this.requestUpdate();
  }

  #routeChanged(): void {
    const { view } = router.route;
    if (isSpan(view)) this.#lastSpan = view;
    this.sectionProblem = this.problem = null;
    this.#facility.find();
    this.requestUpdate();
  }

  #navigate(event: CustomEvent<Partial<Route> & { replace?: boolean }>): void {
    const { replace, ...part } = event.detail;
    router.go(part, replace ? "replace" : "push");
  }

  protected override updated(): void {
    const place = this.#placeShown();
    document.title = this.#title();
    if (this.#place && place && place !== this.#place) {
      scrollTo({ top: 0 });
      this.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    }
    this.#place = place;
  }

  /** What is a place of its own for the reader; empty where forms have the focus. */
  #placeShown(): string {
    const picture = this.#picture();
    if (picture !== "shell") return picture === "opening" ? "" : picture;
    return `${router.route.facility} ${this.#section()}`;
  }

  #title(): string {
    const portal = this.#portal();
    if (this.#picture() !== "shell") return portal;
    const name = this.#facility.current?.name;
    return [name, t(this.#section()), portal].filter(Boolean).join(" – ");
  }

  #section(): Section | "not found" {
    const section = sectionOf(router.route.view);
    return this.#facility.problem === null || section === "facilities" ? section : "not found";
  }

  #picture(): Picture {
    if (session.state === "unknown") return "opening";
    if (session.state === "out") return "log-in";
    if (session.duties.length) return "duties";
    return this.#list.memberState === "POSTCARD_IN_TRANSIT" ? "postcard" : "shell";
  }

  override render() {
    switch (this.#picture()) {
      case "opening":
        return this.#entrance(this.#opening());
      case "log-in":
        return this.#entrance(html`<k-log-in .ended=${this.ended}></k-log-in>`);
      case "duties":
        return this.#entrance(html`<k-duties .steps=${session.duties}></k-duties>`);
      case "postcard":
        return this.#entrance(this.#postcard());
      case "shell":
        return this.#shell();
    }
  }

  #opening() {
    if (this.problem === null) return html`<p class="opening" role="status">${t("starting")}</p>`;
    return html`
      <section class="card log-in" role="alert">
        <h1>${t("unreachable")}</h1>
        <p>${explain(this.problem)}</p>
        ${passes(this.problem) ? html`<p>${t("trying")}</p>` : nothing}
        <button type="button" class="primary" @click=${() => this.#restore()}>
          ${t("retry")}
        </button>
      </section>
    `;
  }

  #postcard() {
    return html`<k-duties .steps=${POSTCARD} @done=${() => this.#list.load()}></k-duties>`;
  }

  /** A page with one thing on it. */
  #entrance(content: TemplateResult) {
    return html`
      ${skipLink(t("skip"))}
      ${header(this.#portal(), session.state === "in" ? { leave: this.#leave, stream: null } : null)}
      ${session.state === "in" ? this.#failure() : nothing}
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
      ${this.#failure()}
      <div class="body ${listed ? "listing" : many ? "with-list" : "single"}">
        ${listed || !many ? nothing : this.#sidebar()}
        <main id="content" tabindex="-1">
          ${listed ? this.#facilities() : this.#facilityView(facility)}
        </main>
      </div>
    `;
  }

  #failure() {
    if (this.problem === null) return nothing;
    return html`<p class="error" role="alert">${explain(this.problem)}</p>`;
  }

  /** Of who is logged in, it is the one of the log-in, whatever an older address says. */
  #portal(): string {
    const own = session.state === "in" ? lastPortal() : null;
    return portalName(own ?? router.route.portal ?? lastPortal()) ?? "Kenshin";
  }

  #stream() {
    if (this.#list.total === 0) return null;
    const { facility } = router.route;
    const note = this.#section() === "today" && this.note?.of === facility ? this.note : null;
    return streamNote(note ?? this.#list.stream, note !== null || this.#list.only !== null);
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

  #facilityView(id: string) {
    const { view } = router.route;
    if (this.#facility.problem !== null) return lost(this.#facility.problem);
    const section = sectionOf(view);
    const facility = this.#facility.current ?? { id, name: "" };
    return html`
      ${(this.#list.total ?? 2) > 1 ? backLink(t("all facilities")) : nothing}
      ${heading(facility.name, t(section))} ${navigation(view, this.#lastSpan)}
      ${this.sectionProblem === null ? this.#view(section, facility) : broken()}
    `;
  }

  #view(section: Section, facility: FacilityRef) {
    const { route } = router;
    loadSection(section).catch((error: unknown) => {
      if (section === sectionOf(router.route.view)) this.sectionProblem = error;
    });
    switch (section) {
      case "today":
        return html`<k-today .facility=${facility} .route=${route}></k-today>`;
      case "usage":
        return html`
          <k-usage .facility=${facility} .route=${route} .places=${this.#list.facilities}></k-usage>
        `;
      case "profile":
        return html`<k-profile .facility=${facility} .route=${route}></k-profile>`;
      case "bills":
        return html`<k-bills .facility=${facility} .route=${route}></k-bills>`;
      case "facilities":
        return nothing;
    }
  }

  readonly #leave = async () => {
    this.#leaving = true;
    this.problem = null;
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
