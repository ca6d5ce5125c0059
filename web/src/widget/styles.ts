import { css } from "lit";
import { base } from "../styles/base";

/** Themed by --kenshin-… of the page around it; nothing else of that page gets in. */
export const widgetStyles = [
  base,
  css`
    :host {
      --k-ink: var(--kenshin-text, light-dark(#1b1f24, #e8ebef));
      --k-ink-soft: var(--kenshin-muted, light-dark(#545d68, #a9b3bf));
      --k-surface: var(--kenshin-background, light-dark(#ffffff, #1d2127));
      --k-paper: var(--k-surface);
      --k-line: var(--kenshin-line, light-dark(#cdd3da, #3b434d));
      --k-accent: var(--kenshin-accent, light-dark(#005ea8, #7cc0ff));
      --k-focus: var(--k-accent);
      --k-import: var(--kenshin-bar, light-dark(#0072b2, #56b4e9));
      --k-compare: var(--kenshin-compare, light-dark(#6b7480, #a9b3bf));
      --k-gap: var(--kenshin-gap, light-dark(#c0392b, #ff8f7d));
      --k-danger: var(--kenshin-danger, light-dark(#b3261e, #ff9d94));
      --k-good: var(--kenshin-good, light-dark(#00674a, #5cd6a9));
      --k-warning: var(--kenshin-warning, light-dark(#8a5300, #f0b95b));
      --k-font: var(--kenshin-font, system-ui, "Hiragino Sans", "Noto Sans JP", sans-serif);
      --k-radius: var(--kenshin-radius, 0.5em);
      --k-chart-height: var(--kenshin-chart-height, 11em);
    }
    .widget {
      /* What the page says of its text, or of everything, would else be inherited. */
      all: initial;
      color-scheme: inherit;
      display: block;
      color: var(--k-ink);
      font-family: var(--k-font);
      font-size: var(--kenshin-font-size, medium);
      line-height: 1.5;
      background: var(--k-surface);
      border: 1px solid var(--k-line);
      border-radius: var(--k-radius);
      padding: 0.9em 1em;
      overflow-wrap: anywhere;
    }
    header {
      display: flex;
      flex-wrap: wrap;
      justify-content: space-between;
      align-items: baseline;
      gap: 0.25em 1em;
    }
    .name {
      font-weight: 600;
    }
    .state {
      display: inline-flex;
      align-items: center;
      gap: 0.4em;
      font-size: 0.85em;
      color: var(--k-ink-soft);
    }
    .state::before {
      content: "";
      inline-size: 0.65em;
      block-size: 0.65em;
      border-radius: 50%;
      border: 2px solid currentcolor;
    }
    .state.live::before {
      background: currentcolor;
    }
    .state.live {
      color: var(--k-good);
    }
    .state.stale,
    .state.reconnecting,
    .state.ended {
      color: var(--k-warning);
    }
    .when {
      display: flex;
      align-items: center;
      gap: 0.5em;
      font-size: 0.9em;
      color: var(--k-ink-soft);
    }
    .figure {
      font-size: 1.6em;
      font-weight: 600;
      line-height: 1.25;
      font-variant-numeric: tabular-nums;
    }
    .figure small {
      display: inline-block;
      line-height: 1.4;
      font-size: 0.5em;
      font-weight: 400;
      color: var(--k-ink-soft);
    }
    .beside {
      font-size: 0.9em;
      font-variant-numeric: tabular-nums;
    }
    .problem {
      color: var(--k-danger);
      margin-block: 0.5em;
    }
    .late {
      color: var(--k-warning);
      font-size: 0.9em;
    }
    button {
      font: inherit;
      color: inherit;
      background: none;
      border: 1px solid var(--k-line);
      border-radius: var(--k-radius);
      min-inline-size: 2em;
      min-block-size: 2em;
      cursor: pointer;
    }
    button:disabled {
      opacity: 0.5;
      cursor: default;
    }
    summary {
      cursor: pointer;
      font-size: 0.9em;
      color: var(--k-accent);
    }
    .scroll {
      max-block-size: 20em;
      overflow: auto;
    }
    table {
      border-collapse: collapse;
      font-size: 0.85em;
      inline-size: 100%;
    }
    th,
    td {
      text-align: start;
      font-weight: 400;
      padding: 0.2em 0.5em;
      border-block-end: 1px solid var(--k-line);
    }
    .number {
      text-align: end;
      font-variant-numeric: tabular-nums;
    }
  `,
];
