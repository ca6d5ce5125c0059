/** Of what is not in a shadow root: the shell, and the forms in which people log in. */

import { css } from "lit";
import { base } from "../styles/base";
import { cards } from "../styles/cards";
import { controls } from "../styles/controls";
import { entrance } from "./entrance-styles";

const text = css`
  html {
    /* Japanese breaks between phrases where the browser knows them, and never before small kana. */
    line-break: strict;
    overflow-wrap: anywhere;
    line-height: 1.5;
    /* The bar is always there, so that no page is moved by it. */
    overflow-y: scroll;
    scrollbar-gutter: auto;
  }
  h1, h2, h3, .card > p, .hint {
    word-break: auto-phrase;
    text-wrap: pretty;
  }
`;

const shell = css`
  k-app {
    display: flex;
    flex-direction: column;
    min-block-size: 100dvh;
  }
  .skip {
    position: absolute;
    z-index: 3;
    inset-block-start: 0.25rem;
    inset-inline-start: 0.25rem;
    padding: 0.5rem 1rem;
    background: var(--k-surface);
    border-radius: var(--k-radius);
  }
  .skip:not(:focus) {
    clip-path: inset(50%);
    inline-size: 1px;
    block-size: 1px;
    padding: 0;
    overflow: hidden;
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 1rem;
    padding: 0.25rem max(1rem, env(safe-area-inset-right)) 0.25rem
      max(1rem, env(safe-area-inset-left));
    background: var(--k-surface);
    border-block-end: 1px solid var(--k-line);
  }
  .top .portal {
    font-weight: 700;
    flex: 1 1 10rem;
    min-inline-size: 0;
  }
  .top .own {
    display: flex;
    margin-inline-start: auto;
  }
  .top .quiet {
    padding-inline: 0.625rem;
  }
  .stream {
    display: inline-flex;
    align-items: center;
    gap: 0.4rem;
    font-size: 0.875rem;
    white-space: nowrap;
  }
  /* What the state means stands in a row of its own, below. */
  .why {
    order: 1;
    flex-basis: 100%;
    padding-block: 0.25rem 0.375rem;
    font-size: 0.875rem;
    text-align: end;
  }
  .light {
    inline-size: 0.625rem;
    block-size: 0.625rem;
    border-radius: 50%;
    border: 2px solid currentcolor;
  }
  .stream.live {
    color: var(--k-good);
  }
  .stream.live .light {
    background: currentcolor;
  }
  .stream.stale,
  .stream.reconnecting {
    color: var(--k-warning);
  }
  .stream.ended {
    color: var(--k-danger);
  }
  .received {
    color: var(--k-ink-soft);
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .body {
    display: grid;
    flex: 1;
    grid-template-columns: minmax(0, 1fr);
    inline-size: 100%;
    margin-inline: auto;
    max-inline-size: 78rem;
  }
  .body > main {
    padding: 1rem max(1rem, env(safe-area-inset-right)) 3rem max(1rem, env(safe-area-inset-left));
    min-inline-size: 0;
  }
  .body.listing > main > h1 {
    margin-block-end: 0.75rem;
  }
  .sidebar {
    display: none;
  }
  .back {
    display: inline-block;
    padding-block: 0.375rem;
    text-decoration: none;
  }
  .back::before {
    content: "‹ ";
  }
  .place {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 0.75rem;
  }
  .place .section {
    font-size: 1rem;
    font-weight: 500;
    color: var(--k-ink-soft);
  }
  .sections {
    display: flex;
    gap: 0.25rem;
    margin-block: 0.5rem 1rem;
    border-block-end: 1px solid var(--k-line);
  }
  .sections a {
    flex: 0 1 auto;
    padding: 0.625rem 1rem;
    border-block-end: 3px solid transparent;
    margin-block-end: -1px;
    color: var(--k-ink-soft);
    text-decoration: none;
    white-space: nowrap;
  }
  .sections a:hover {
    color: var(--k-ink);
    border-block-end-color: var(--k-line);
  }
  .sections a[aria-current] {
    color: var(--k-accent);
    border-block-end-color: var(--k-accent);
    font-weight: 700;
  }
  @media (max-width: 40rem) {
    .body > main {
      padding-block-end: 6rem;
    }
    .sections {
      position: fixed;
      z-index: 2;
      inset: auto 0 0;
      margin: 0;
      gap: 0;
      background: var(--k-surface);
      border-block: 1px solid var(--k-line);
      border-block-end: 0;
      padding-block-end: env(safe-area-inset-bottom);
    }
    .sections a {
      flex: 1 1 0;
      min-inline-size: 0;
      padding: 0.75rem 0.25rem;
      text-align: center;
      font-size: 0.875rem;
      border-block-end: 0;
      border-block-start: 3px solid transparent;
      margin-block: -1px 0;
    }
    .sections a[aria-current] {
      border-block-start-color: var(--k-accent);
    }
    .received {
      display: none;
    }
    .top:has(.stream) .portal {
      flex-basis: 100%;
      padding-block-start: 0.375rem;
    }
    .top .own {
      margin-inline-end: -0.625rem;
    }
    .why {
      text-align: start;
    }
    .place {
      margin-block-end: 0.75rem;
    }
  }
  @media (min-width: 75rem) {
    .body.with-list {
      grid-template-columns: clamp(20rem, 20vw, 26rem) minmax(0, 1fr);
      max-inline-size: none;
    }
    .body.with-list > main {
      max-inline-size: 90rem;
      padding-inline: clamp(1rem, 2vw, 2.5rem);
    }
    .body.listing {
      max-inline-size: none;
    }
    .sidebar {
      display: block;
      position: sticky;
      inset-block-start: 0;
      /* Less the header's row, so that its end is seen without scrolling the page. */
      block-size: calc(100dvh - 3.375rem);
      overflow-y: auto;
      padding: 1rem;
      border-inline-end: 1px solid var(--k-line);
    }
    .with-list .back {
      display: none;
    }
  }
  @media (forced-colors: active) {
    .sections a {
      border-color: Canvas;
    }
    .sections a[aria-current] {
      border-color: Highlight;
    }
    .stream.live .light {
      background: CanvasText;
    }
  }
  @media print {
    .skip, .top .own, .stream, .why, .received, .sections, .sidebar, .back { display: none !important; }
    .top { border: 0; padding: 0; }
    .body, .body > main { display: block; padding: 0; max-inline-size: none; }
  }
`;

export const outerStyles = [base, controls, cards, text, shell, entrance];
