import { css } from "lit";

/** Buttons, fields, and what is told beside them. */
export const controls = css`
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
    /* Small enough for two in a row on a phone, large enough for a thumb. */
    min-block-size: 2.75rem;
    max-inline-size: 100%;
    border: 1px solid var(--k-border);
    border-radius: var(--k-radius);
    background: var(--k-surface);
    padding: 0.375rem 0.75rem;
  }
  input[type="checkbox"],
  input[type="radio"] {
    min-block-size: 0;
    inline-size: 1.125rem;
    block-size: 1.125rem;
    accent-color: var(--k-accent);
  }
  button {
    cursor: pointer;
    background: var(--k-surface);
  }
  button:hover:not(:disabled) {
    border-color: var(--k-accent);
  }
  button:disabled {
    cursor: default;
    color: var(--k-ink-soft);
    border-style: dashed;
  }
  button[aria-pressed="true"],
  button[aria-current]:not([aria-current="false"]) {
    border-color: var(--k-accent);
    box-shadow: inset 0 0 0 1px var(--k-accent);
    font-weight: 600;
  }
  .primary {
    background: var(--k-accent);
    border-color: var(--k-accent);
    color: var(--k-on-accent);
    font-weight: 600;
  }
  .primary:disabled {
    background: var(--k-surface);
    border-color: var(--k-line);
  }
  .quiet {
    border-color: transparent;
    background: transparent;
  }
  label {
    display: block;
    font-weight: 600;
  }
  fieldset {
    border: 1px solid var(--k-line);
    border-radius: var(--k-radius);
    margin: 0;
    padding: var(--k-gap-s) var(--k-gap-m) var(--k-gap-m);
    min-inline-size: 0;
  }
  [aria-invalid="true"] {
    border-color: var(--k-danger);
    box-shadow: inset 0 0 0 1px var(--k-danger);
  }
  .row,
  .toolbar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--k-gap-s);
  }
  .stack {
    display: grid;
    gap: var(--k-gap-m);
  }
  .error,
  .notice {
    border-inline-start: 4px solid var(--k-danger);
    border-radius: var(--k-radius);
    background: var(--k-surface);
    padding: var(--k-gap-s) var(--k-gap-m);
    overflow-wrap: anywhere;
  }
  .notice {
    border-color: var(--k-accent);
  }
  .warning {
    border-color: var(--k-warning);
  }
  .badge {
    display: inline-block;
    border: 1px solid currentcolor;
    border-radius: 1rem;
    padding: 0 0.625rem;
    font-size: 0.875rem;
    white-space: nowrap;
  }
  .badge.good {
    color: var(--k-good);
  }
  .badge.warning {
    color: var(--k-warning);
  }
  .badge.danger {
    color: var(--k-danger);
  }
`;
