/** How the list of facilities looks: one column beside a view, as many as fit by itself. */

import { css } from "lit";

export const facilitiesStyles = css`
  :host { display: block; container-type: inline-size; }
  .search { display: grid; gap: 0.5rem; margin-block-end: 0.75rem; }
  .search input, .search select { inline-size: 100%; }
  .hint, .count { margin: 0; color: var(--k-ink-soft); font-size: 0.8125rem; }
  ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.5rem; }
  li { min-inline-size: 0; }
  a {
    display: grid; grid-template-columns: 1fr auto; gap: 0.125rem 0.75rem; align-items: baseline;
    padding: 0.625rem 0.75rem; border: 1px solid var(--k-line); border-radius: var(--k-radius);
    background: var(--k-surface); color: inherit; text-decoration: none; block-size: 100%;
    box-sizing: border-box;
  }
  a:hover { border-color: var(--k-accent); }
  a[aria-current] {
    border-color: var(--k-accent); box-shadow: inset 0.25rem 0 0 var(--k-accent);
  }
  .name { font-weight: 600; overflow-wrap: anywhere; }
  .where {
    grid-column: 1; grid-row: 2; color: var(--k-ink-soft); font-size: 0.8125rem;
    overflow-wrap: anywhere; line-height: 1.4;
  }
  .latest { grid-column: 2; grid-row: 1 / span 2; text-align: end; white-space: nowrap; }
  .latest .value { display: block; font-weight: 600; font-variant-numeric: tabular-nums; }
  .latest .unit { font-size: 0.75em; font-weight: 400; margin-inline-start: 0.25em; }
  .latest .time { font-size: 0.75rem; color: var(--k-ink-soft); font-variant-numeric: tabular-nums; }
  .none { color: var(--k-ink-soft); }
  .latest.none { font-size: 0.8125rem; white-space: normal; max-inline-size: 8em; }
  .empty { padding-block: 2rem; text-align: center; }
  @container (min-width: 44rem) {
    ul { grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); }
    .search { grid-template-columns: minmax(18rem, 28rem) auto auto; align-items: center; justify-content: start; }
    .hint { grid-row: 2; grid-column: 1 / -1; }
    .search select { inline-size: auto; }
  }
  @media (forced-colors: active) {
    a[aria-current] { border-inline-start: 0.5rem solid Highlight; }
  }
  @media print { .search { display: none; } a { break-inside: avoid; } }
`;
