import { css } from "lit";

export const tables = css`
  table {
    border-collapse: collapse;
    inline-size: 100%;
    background: var(--k-surface);
  }
  caption {
    text-align: start;
    font-weight: 600;
    padding-block: var(--k-gap-s);
  }
  th,
  td {
    border-block-end: 1px solid var(--k-line);
    padding: 0.375rem 0.75rem;
    text-align: start;
    vertical-align: baseline;
  }
  thead th {
    background: var(--k-paper);
    white-space: nowrap;
  }
  .number {
    text-align: end;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  /* Wide tables scroll in themselves: the page never does. */
  .scroll {
    overflow-x: auto;
    max-inline-size: 100%;
  }
  @media print {
    thead {
      display: table-header-group;
    }
    tr {
      break-inside: avoid;
    }
    .scroll {
      overflow: visible;
    }
  }
`;
