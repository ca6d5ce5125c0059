/** One field of a form: its label, what is wrong with it, and what helps to fill it in. */

import { html, nothing, type TemplateResult } from "lit";

export interface FieldOptions {
  readonly id: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly optional?: string | undefined;
}

/** Ids of what describes an input, for aria-describedby. */
export function describedBy(of: FieldOptions): string | typeof nothing {
  const ids = [of.error ? `${of.id}-error` : "", of.hint ? `${of.id}-hint` : ""];
  return ids.filter(Boolean).join(" ") || nothing;
}

export function field(of: FieldOptions, input: TemplateResult): TemplateResult {
  return html`
    <div class="field">
      <label for=${of.id}>
        ${of.label}${of.optional ? html`<span class="optional">${of.optional}</span>` : nothing}
      </label>
      ${of.hint ? html`<p class="hint" id="${of.id}-hint">${of.hint}</p>` : nothing}
      ${input}
      ${of.error ? html`<p class="fault" id="${of.id}-error">${of.error}</p>` : nothing}
    </div>
  `;
}
