import { css } from "lit";

/** First in the `styles` of every element: what a shadow root takes from no other place. */
export const base = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
    color: var(--k-ink);
    font-family: var(--k-font);
    line-height: 1.5;
  }
  [hidden],
  :host([hidden]) {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  figure {
    margin: 0;
  }
  h1 {
    font-size: 1.375rem;
    line-height: 1.3;
  }
  h2 {
    font-size: 1.125rem;
    line-height: 1.3;
  }
  h3 {
    font-size: 1rem;
    line-height: 1.3;
  }
  a {
    color: var(--k-accent);
  }
  :focus-visible {
    outline: 3px solid var(--k-focus);
    outline-offset: 2px;
  }
  /* A heading gets the focus when a view opens, to be read out; nobody types into it. */
  [tabindex="-1"]:focus {
    outline: none;
  }
  .soft {
    color: var(--k-ink-soft);
  }
  .visually-hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
  @media print {
    .no-print {
      display: none !important;
    }
  }
`;
