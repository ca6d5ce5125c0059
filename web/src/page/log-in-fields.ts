/** The inputs of a log-in, as browsers and password managers know them. */

import { html, nothing, type TemplateResult } from "lit";
import { texts } from "../text/index";
import { en } from "../text/log-in.en";
import { ja } from "../text/log-in.ja";
import { describedBy, type FieldOptions, field } from "./field";
import { portals } from "./portals";

const t = texts(en, ja);

/** `chosen` is empty before one is; their names are Japanese whoever reads. */
export function portalField(
  of: FieldOptions,
  chosen: string,
  choose: (portal: string) => void,
): TemplateResult {
  return field(
    of,
    html`
      <select
        id=${of.id}
        name="portal"
        aria-describedby=${describedBy(of)}
        aria-invalid=${of.error ? "true" : nothing}
        @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}
      >
        ${chosen ? nothing : html`<option value="" selected>${t("choose")}</option>`}
        ${portals().map(
          ({ key, name }) =>
            html`<option value=${key} lang="ja" ?selected=${key === chosen}>${name}</option>`,
        )}
      </select>
    `,
  );
}

export function idField(of: FieldOptions, value: string, isEmail: boolean): TemplateResult {
  return field(
    of,
    html`
      <input
        id=${of.id}
        name="username"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        inputmode=${isEmail ? "email" : "text"}
        maxlength="254"
        .value=${value}
        aria-describedby=${describedBy(of)}
        aria-invalid=${of.error ? "true" : nothing}
      />
    `,
  );
}

interface PasswordSwitches {
  readonly shown: boolean;
  show(): void;
  capsLock(on: boolean): void;
}

export function passwordField(of: FieldOptions, switches: PasswordSwitches): TemplateResult {
  const watch = (event: KeyboardEvent) => {
    switches.capsLock(event.getModifierState?.("CapsLock") ?? false);
  };
  return field(
    of,
    html`
      <div class="with-button">
        <input
          id=${of.id}
          name="password"
          type=${switches.shown ? "text" : "password"}
          autocomplete="current-password"
          autocapitalize="none"
          spellcheck="false"
          maxlength="254"
          aria-describedby=${describedBy(of)}
          aria-invalid=${of.error ? "true" : nothing}
          @keydown=${watch}
          @keyup=${watch}
        />
        <button
          type="button"
          class="quiet"
          aria-pressed=${switches.shown}
          aria-label=${t("show password")}
          @click=${switches.show}
        >
          ${t("show")}
        </button>
      </div>
    `,
  );
}

/** Of a secret keyword: nothing that a browser should keep. */
export function answerField(of: FieldOptions): TemplateResult {
  return field(
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
  );
}
