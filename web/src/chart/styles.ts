import { css, unsafeCSS } from "lit";
import uplot from "uplot/dist/uPlot.min.css?inline";

/** The chart's own names for the colours of its theme; `inks.ts` reads them. */
export const chartStyles = [
  css`
    :host {
      --chart-import: var(--k-import, #0072b2);
      --chart-export: var(--k-export, #007a5a);
      --chart-compare: var(--k-compare, #d55e00);
      --chart-gap: var(--k-gap, #a8327d);
      --chart-live: var(--k-ink, #111);
      --chart-paper: var(--k-surface, #fff);
      --chart-text: var(--k-ink-soft, #444);
      --chart-grid: var(--k-line, #ccc);
      display: block;
      min-width: 0;
      color: var(--k-ink, #111);
      font-family: var(--k-font, system-ui, "Hiragino Sans", "Noto Sans JP", sans-serif);
    }
    :host([hidden]) {
      display: none;
    }
    .area {
      position: relative;
    }
    .unit {
      font-size: 0.75em;
      color: var(--chart-text);
      margin: 0;
    }
    .plot {
      position: relative;
      height: var(--k-chart-height, clamp(12em, 34vh, 22em));
      overflow: hidden;
      touch-action: pan-y pinch-zoom;
    }
    .plot:focus-visible {
      outline: 3px solid var(--k-focus, #0072b2);
      outline-offset: 2px;
    }
    .cursor {
      position: absolute;
      top: 0;
      height: 100%;
      background: color-mix(in srgb, var(--chart-live) 12%, transparent);
      border-inline: 1px solid var(--chart-live);
      pointer-events: none;
    }
    .cursor[hidden] {
      display: none;
    }
    .loading .plot {
      opacity: 0.45;
    }
    .blank .plot {
      height: 6em;
    }
    .notice {
      position: absolute;
      inset: 0;
      display: grid;
      place-items: center;
      margin: 0;
      pointer-events: none;
    }
    .legend {
      display: flex;
      flex-wrap: wrap;
      gap: 0.25em 1em;
      list-style: none;
      margin: 0.5em 0 0;
      padding: 0;
      font-size: 0.8em;
    }
    .legend li {
      display: flex;
      align-items: center;
      gap: 0.4em;
    }
    .swatch {
      box-sizing: border-box;
      inline-size: 1.1em;
      block-size: 1.1em;
      flex: none;
      print-color-adjust: exact;
      forced-color-adjust: none;
    }
    .swatch.bar {
      background: var(--bar);
    }
    .swatch.peaks {
      background: var(--bar);
      opacity: 0.4;
    }
    .swatch.PROVISIONAL {
      border: 1px solid var(--bar);
      background: repeating-linear-gradient(135deg, var(--bar) 0 1.5px, var(--chart-paper) 1.5px 4px);
    }
    .swatch.ESTIMATED {
      border: 1px solid var(--bar);
      background: radial-gradient(var(--bar) 35%, var(--chart-paper) 40%) 0 0 / 4px 4px;
    }
    .swatch.PARTIAL {
      background: linear-gradient(var(--bar) 70%, var(--chart-gap) 70%);
    }
    .swatch.GAP {
      background: linear-gradient(
        color-mix(in srgb, var(--chart-gap) 16%, transparent) 70%,
        var(--chart-gap) 70%
      );
    }
    .swatch.live {
      border: 2px solid var(--chart-live);
    }
    .swatch.compare {
      block-size: 0;
      border-block-start: 3px solid var(--chart-compare);
    }
    .bars-import {
      --bar: var(--chart-import);
    }
    .bars-export {
      --bar: var(--chart-export);
    }
    /* As high as the summary, also while a shorter line is in its place: nothing below it jumps. */
    .line {
      display: grid;
      margin: 0.25em 0 0;
      min-height: 1.6em;
      font-size: 0.9em;
      font-variant-numeric: tabular-nums;
    }
    .line > * {
      grid-area: 1 / 1;
    }
    .room {
      visibility: hidden;
    }
    /* A canvas is not told of other colours; this is, by the end of its transition. */
    .sensor {
      color: var(--chart-text);
      background: var(--chart-import);
      border: 0 solid var(--chart-paper);
      transition:
        color 1ms,
        background-color 1ms,
        border-color 1ms;
    }
    .probe,
    .sensor,
    .summary {
      position: absolute;
      inline-size: 1px;
      block-size: 1px;
      overflow: hidden;
      clip-path: inset(50%);
      white-space: nowrap;
      forced-color-adjust: none;
    }
    @media (forced-colors: active) {
      :host {
        --chart-import: CanvasText;
        --chart-export: CanvasText;
        --chart-compare: Highlight;
        --chart-gap: GrayText;
        --chart-live: Highlight;
        --chart-paper: Canvas;
        --chart-text: CanvasText;
        --chart-grid: GrayText;
      }
      .cursor {
        forced-color-adjust: none;
      }
    }
    @media print {
      .area {
        break-inside: avoid;
      }
    }
  `,
];

/** Of charts that can be zoomed. */
export const zoomStyles = [
  unsafeCSS(uplot),
  css`
    .uplot {
      font-family: inherit;
    }
    .u-select {
      background: color-mix(in srgb, var(--chart-live) 14%, transparent);
    }
    .zoom {
      display: flex;
      gap: 0.5em;
      justify-content: flex-end;
      margin-block-start: 0.5em;
    }
    .zoom button {
      font: inherit;
      font-size: 0.85em;
      min-height: 2em;
      min-width: 2.25em;
      padding: 0.15em 0.6em;
      color: inherit;
      background: var(--chart-paper);
      border: 1px solid var(--chart-text);
      border-radius: var(--k-radius, 6px);
      cursor: pointer;
    }
    .zoom button:disabled {
      opacity: 0.45;
      cursor: default;
    }
    .zoom button:focus-visible {
      outline: 3px solid var(--k-focus, #0072b2);
      outline-offset: 2px;
    }
    @media print {
      .zoom {
        display: none;
      }
    }
  `,
];
