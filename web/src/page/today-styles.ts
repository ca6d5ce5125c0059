/** How the running day looks: figures in a row and the picture below, on a phone one under the other. */

import { css } from "lit";

export const todayStyles = css`
  :host { display: block; container-type: inline-size; }
  .board { display: grid; gap: var(--k-gap-m); grid-template-columns: minmax(0, 1fr); }
  .board > .notice, .board > .picture { grid-column: 1 / -1; }
  .board h2 { font-size: 0.9375rem; font-weight: 600; color: var(--k-ink-soft); margin: 0; }
  .card > p { margin-block: 0.25rem; }
  .figure {
    font-size: clamp(2.25rem, 3.8cqi, 3.25rem); line-height: 1.15; font-weight: 650;
    font-variant-numeric: tabular-nums; letter-spacing: -0.01em;
  }
  .figure.small { font-size: 1.75rem; }
  .unit { font-size: 0.4em; font-weight: 500; margin-inline-start: 0.35em; letter-spacing: 0; }
  .figure.small .unit { font-size: 0.55em; }
  .cost { font-size: 1.125rem; }
  .cost small { display: block; color: var(--k-ink-soft); font-size: 0.8125rem; }
  .soft, .none { color: var(--k-ink-soft); }
  .against { display: flex; flex-direction: column; }
  .against .soft { font-size: 0.875rem; }
  .lines { margin: 0.5rem 0 0; }
  .lines > div {
    display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem;
    padding-block: 0.25rem; border-block-start: 1px solid var(--k-line);
  }
  .lines dt { color: var(--k-ink-soft); }
  .lines dd { margin: 0; font-variant-numeric: tabular-nums; white-space: nowrap; }
  .track { display: block; margin-block: 0.5rem; overflow: visible; }
  .track .all { fill: var(--k-line); }
  .track .to-come { fill: var(--k-import); fill-opacity: 0.35; }
  .track .used { fill: var(--k-import); }
  .track .mark { stroke: var(--k-ink); stroke-width: 2; }
  .error { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5rem 1rem; }
  .error { margin-block-end: var(--k-gap-m); }
  .picture { display: grid; grid-template-columns: minmax(0, 1fr); gap: var(--k-gap-s); }
  .picture > button { justify-self: start; }
  .picture h2 { font-size: 1rem; }
  .picture h2 .soft { font-weight: 400; font-size: 0.875rem; }
  @container (min-width: 34rem) {
    .board { grid-template-columns: 1fr 1fr; }
  }
  @container (min-width: 54rem) {
    .board { grid-template-columns: 1.3fr 0.9fr 1.2fr; }
    .board:has(.period) { grid-template-columns: 1.3fr 0.9fr 1.2fr 1.2fr; }
    /* On a phone the picture comes early, here it stands below all figures. */
    .board > .picture { order: 1; }
  }
  @media (forced-colors: active) {
    .track .all { fill: Canvas; stroke: CanvasText; }
    .track .to-come { fill: GrayText; }
    .track .used { fill: Highlight; }
    .track .mark { stroke: CanvasText; }
  }
  @media print { .picture > button { display: none; } }
`;
