/** How the usage view lies on the page, from a phone to a wide screen and on paper. */

import { css } from "lit";

export const usageStyles = css`
  :host { display: block; container-type: inline-size; }
  k-span-bar { display: block; margin-block-end: 1rem; }
  /* The chart dims itself. */
  .picture[aria-busy="true"] :is(.totals, .notes, k-table) { opacity: 0.55; }
  /* Names of places are of any length, also in the chart. */
  .picture { overflow-wrap: anywhere; }
  h2 { margin-block-end: 0.5rem; }
  .totals { display: flex; flex-wrap: wrap; gap: 0.75rem 2rem; margin: 0 0 0.75rem; }
  dt { font-size: 0.9rem; color: var(--k-ink-soft); }
  dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
  dd small { display: block; font-size: 0.85rem; color: var(--k-ink-soft); }
  .below { display: flex; flex-wrap: wrap; gap: 0.75rem 1.5rem; align-items: start; margin-block: 1rem; }
  .notes { color: var(--k-ink-soft); font-size: 0.9rem; margin-block: 0.5rem 0.75rem; }
  .notice button, .error button { margin-block: 0.5rem 0.25rem; }
  .loading { color: var(--k-ink-soft); }
  @media print {
    k-span-bar, .below { display: none; }
    .totals, k-chart { break-inside: avoid; }
  }
`;
