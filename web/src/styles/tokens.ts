// Colours, sizes and fonts, as custom properties. Series have the colours of Okabe and Ito, which
// colour-blind eyes tell apart; in the dark they are lighter, on paper darker.

import { css, unsafeCSS } from "lit";

const light = `
  color-scheme: light;
  --k-ink: #1b1f24;
  --k-ink-soft: #545d68;
  --k-paper: #f6f7f9;
  --k-surface: #ffffff;
  --k-line: #cdd3da;
  --k-border: #828c98;
  --k-accent: #005ea8;
  --k-on-accent: #ffffff;
  --k-danger: #b3261e;
  --k-warning: #8a5300;
  --k-good: #00674a;
  --k-focus: #005ea8;
  --k-import: #0072b2;
  --k-export: #b3730a;
  --k-compare: #6b7480;
  --k-provisional: #0072b2;
  --k-estimated: #a8528c;
  --k-gap: #c0392b;
  --k-shadow: 0 1px 2px rgb(0 0 0 / 12%);
`;

const dark = `
  color-scheme: dark;
  --k-ink: #e8ebef;
  --k-ink-soft: #a9b3bf;
  --k-paper: #14171b;
  --k-surface: #1d2127;
  --k-line: #3b434d;
  --k-border: #717c89;
  --k-accent: #7cc0ff;
  --k-on-accent: #06223a;
  --k-danger: #ff9d94;
  --k-warning: #f0b95b;
  --k-good: #5cd6a9;
  --k-focus: #a8d4ff;
  --k-import: #56b4e9;
  --k-export: #e69f00;
  --k-compare: #a9b3bf;
  --k-provisional: #56b4e9;
  --k-estimated: #e3a3cd;
  --k-gap: #ff8f7d;
  --k-shadow: none;
`;

const same = `
  --k-font: system-ui, "Hiragino Sans", "Noto Sans JP", sans-serif;
  --k-radius: 0.5rem;
  --k-gap-s: 0.5rem;
  --k-gap-m: 1rem;
  --k-gap-l: 1.5rem;
`;

/** For the page's document and for the widget's shadow root alike. */
export const tokens = css`
  :root,
  :host {
    ${unsafeCSS(same + light)}
  }
  @media screen and (prefers-color-scheme: dark) {
    :root,
    :host {
      ${unsafeCSS(dark)}
    }
  }
`;
