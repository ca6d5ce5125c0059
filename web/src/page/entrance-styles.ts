/** How a page with one thing on it looks, as the log-in, and its forms. */

import { css } from "lit";

export const entrance = css`
  .entrance {
    flex: 1;
    display: grid;
    align-content: start;
    justify-items: center;
    gap: 1rem;
    padding: clamp(1rem, 6vh, 4rem) 1rem 3rem;
  }
  .entrance > * {
    inline-size: min(100%, 27rem);
  }
  .log-in {
    display: grid;
    gap: 1rem;
    padding: 1.5rem;
  }
  .error:has(button) {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem 1rem;
  }
  .log-in form {
    display: grid;
    gap: 1rem;
  }
  k-log-in, k-duties {
    display: grid;
    gap: 1rem;
  }
  .field {
    display: grid;
    gap: 0.25rem;
  }
  .field input, .field select, .wide {
    inline-size: 100%;
  }
  .field .optional {
    margin-inline-start: 0.5rem;
    font-weight: 400;
    color: var(--k-ink-soft);
  }
  .hint {
    font-size: 0.875rem;
    color: var(--k-ink-soft);
  }
  .fault {
    font-size: 0.9375rem;
    color: var(--k-danger);
  }
  .with-button {
    position: relative;
  }
  .with-button input {
    padding-inline-end: 5rem;
  }
  .with-button button {
    position: absolute;
    inset-block: 0;
    inset-inline-end: 0;
  }
  .or {
    display: flex;
    align-items: center;
    gap: 0.75rem;
    color: var(--k-ink-soft);
  }
  .or::before, .or::after {
    content: "";
    flex: 1;
    border-block-start: 1px solid var(--k-line);
  }
  .demo {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem 1rem;
  }
  .step {
    color: var(--k-ink-soft);
    font-size: 0.875rem;
  }
  a.button {
    display: inline-block;
    padding: 0.5rem 1rem;
    border-radius: var(--k-radius);
    text-decoration: none;
  }
  .opening {
    text-align: center;
    color: var(--k-ink-soft);
  }
`;
