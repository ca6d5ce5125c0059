import { css } from "lit";

/** Of the document itself. */
export const page = css`
  html {
    background: var(--k-paper);
    color: var(--k-ink);
    font-family: var(--k-font);
    /* A bar that comes and goes would move the page. */
    scrollbar-gutter: stable;
  }
  body {
    margin: 0;
  }
  @media print {
    html {
      background: none;
    }
  }
`;
