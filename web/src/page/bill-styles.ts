/** How bills lie on the page: a line each, unfolded to its breakdown. */

import { css } from "lit";

export const billStyles = css`
  :host { display: block; container-type: inline-size; }
  .bar { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: end; justify-content: space-between; }
  .bar h2 { margin: 0; }
  .bills { list-style: none; margin: 0 0 1rem; padding: 0; }
  .bills > li { border-block-start: 1px solid var(--k-line); }
  .bills > li:last-child { border-block-end: 1px solid var(--k-line); }
  .bills > li > details > summary {
    display: grid; gap: 0.15rem 1rem; align-items: baseline; padding: 0.75rem 0.25rem; cursor: pointer;
    grid-template-columns: 1.25rem 1fr auto; font-variant-numeric: tabular-nums;
  }
  .bills > li > details > summary::before { content: "▸" / ""; color: var(--k-accent); }
  .bills > li > details[open] > summary::before { content: "▾" / ""; }
  .bills > li > details > summary:hover { background: var(--k-surface); }
  .amount { font-weight: 600; text-align: end; grid-row: 1; grid-column: 3; }
  .use { color: var(--k-ink-soft); white-space: nowrap; }
  .kind { grid-column: 2; }
  .span { grid-column: 2 / -1; }
  .use { grid-column: 2; }
  .badge { justify-self: end; grid-column: 3; }
  .kind { font-weight: 600; white-space: nowrap; }
  @container (min-width: 48rem) {
    .bills > li > details > summary { grid-template-columns: 1.25rem 6.25rem 12.5rem 1fr 7rem 9rem auto; column-gap: 0.75rem; }
    .kind, .amount, .span, .use, .badge { grid-row: auto; grid-column: auto; }
    .badge { justify-self: start; }
    .use { text-align: end; }
  }
  .bill { padding: 0 0.25rem 1.25rem; }
  .facts {
    display: grid; gap: 0.5rem 1.5rem; margin: 0 0 1rem;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 14rem), 1fr));
  }
  .facts dt { font-size: 0.85rem; color: var(--k-ink-soft); }
  .facts dd { margin: 0; overflow-wrap: anywhere; }
  .narrow { display: none; color: var(--k-ink-soft); }
  @container (max-width: 36rem) {
    .narrow { display: block; }
    .wide { display: none; }
  }
  tbody th { text-align: start; font-weight: 400; }
  tfoot { font-weight: 600; }
  .revisions { margin-block: 1rem; }
  .ways { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: center; margin-block-start: 1rem; }
  @media print {
    .bar label, .ways, .bills + button { display: none; }
    .bills > li > details > summary::before { visibility: hidden; }
    .bills summary, tr { break-inside: avoid; }
  }
`;
