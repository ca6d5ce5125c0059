/** `<k-downloads>`: buttons for files, with what became of them said beside. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";

import { ApiError, isAbort } from "../api/errors";
import { base } from "../styles/base";
import { controls } from "../styles/controls";
import { explain } from "../text/failures";
import { Speaking, texts } from "../text/index";
import { en } from "../text/usage.en";
import { ja } from "../text/usage.ja";
import { save } from "./files";
import { Latest } from "./latest";

const t = texts(en, ja);

export interface FileOffer {
  readonly label: string;
  /** Asks for the address of the file, which lasts some minutes only. */
  address(signal: AbortSignal): Promise<string | null | undefined>;
}

@customElement("k-downloads")
export class Downloads extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host { display: block; }
      .files { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
      h3 { margin: 0 0.5rem 0 0; font-size: 1rem; }
      [role="status"]:empty { display: none; }
      @media print { :host { display: none; } }
    `,
  ];

  @property() heading = "";
  @property({ attribute: false }) offers: readonly FileOffer[] = [];
  @state() private making: string | null = null;
  /** A function, so that it follows the language. */
  @state() private said = (): string => "";
  @state() private problem: unknown = null;
  readonly #load = new Latest(this);
  protected readonly speaking = new Speaking(this);

  override render() {
    return html`
      <div class="files">
        ${this.heading === "" ? nothing : html`<h3>${this.heading}</h3>`}
        ${this.offers.map(
          (offer) => html`
            <button type="button" aria-disabled=${this.making !== null}
              @click=${() => this.#fetch(offer)}>${offer.label}</button>
          `,
        )}
        <span role="status">${this.said()}</span>
      </div>
      ${this.problem === null ? nothing : html`<p class="error" role="alert">${explain(this.problem)}</p>`}
    `;
  }

  async #fetch(offer: FileOffer): Promise<void> {
    if (this.making !== null) return;
    const signal = this.#load.next();
    this.making = offer.label;
    this.problem = null;
    this.said = () => t("files.making", { name: offer.label });
    try {
      const address = await offer.address(signal);
      if (!address) throw new ApiError("NOT_FOUND", "there is no such file");
      const name = await save(address, signal);
      this.said = () => t("files.done", { name });
    } catch (error) {
      this.said = () => "";
      if (!isAbort(error)) this.problem = error;
    } finally {
      this.making = null;
    }
  }
}
