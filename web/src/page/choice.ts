/** A labelled list of choices. */

import { css, html } from "lit";

import { scriptOf } from "./script-of";

export const choiceStyles = css`
  label.choice {
    display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.15rem; font-size: 0.9rem;
    /* A list is as wide as its longest choice, which may be a name. */
    max-inline-size: min(100%, 24rem);
  }
  select { font-weight: 400; max-inline-size: 100%; }
`;

/** The empty choice only stands there until one is made. */
export function choice<T extends string>(
  label: string,
  choices: readonly T[],
  now: T,
  name: (choice: T) => string,
  chosen: (choice: T) => void,
) {
  const change = (event: Event) => chosen((event.target as HTMLSelectElement).value as T);
  return html`
    <label class="choice">
      ${label}
      <select @change=${change}>
        ${choices.map(
          (one) => html`
            <option value=${one} lang=${scriptOf(name(one))} ?disabled=${one === ""}
              .selected=${one === now}>${name(one)}</option>
          `,
        )}
      </select>
    </label>
  `;
}
