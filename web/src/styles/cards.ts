import { css } from "lit";

/** Boxes, and the large numbers in them. */
export const cards = css`
  .card {
    background: var(--k-surface);
    border: 1px solid var(--k-line);
    border-radius: var(--k-radius);
    box-shadow: var(--k-shadow);
    padding: var(--k-gap-m);
    min-inline-size: 0;
  }
  .grid,
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 12rem), 1fr));
    gap: var(--k-gap-m);
  }
  .figure {
    font-size: 1.75rem;
    line-height: 1.2;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  .figure .unit {
    font-size: 1rem;
    font-weight: 400;
  }
  @media print {
    .card {
      box-shadow: none;
      break-inside: avoid;
    }
  }
`;
