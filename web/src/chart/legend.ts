// The signs of a chart and what they stand for: only those that it has.

import { html, type TemplateResult } from "lit";
import { type Describer, qualityWord, type Word } from "./describe";
import { State } from "./slots";

export interface Legend {
  readonly words: Describer;
  readonly direction: "IMPORT" | "EXPORT";
  /** Whether the bars are averages of a profile. */
  readonly average: boolean;
  /** Whether columns of pixels stand for several slots. */
  readonly crowded: boolean;
  /** How many slots are in each state, by `State`. */
  readonly counts: readonly number[];
  readonly live: boolean;
  /** What the outline is; null without one. */
  readonly compare: string | null;
}

export function legend(of: Legend): TemplateResult {
  return html`<ul class="legend bars-${of.direction.toLowerCase()}">
    ${entries(of).map(([sign, text]) => html`<li><span class="swatch ${sign}"></span>${text}</li>`)}
  </ul>`;
}

function* signs({ words, counts, ...of }: Legend): Generator<[sign: string, text: string]> {
  const bar: Word = of.average ? "average" : of.direction === "EXPORT" ? "export" : "import";
  const name = words.word(bar);
  yield ["bar", of.crowded ? words.word("mean", { name }) : name];
  if (of.crowded) yield ["peaks", words.word("peaks", { name })];
  for (const state of [State.PROVISIONAL, State.ESTIMATED, State.PARTIAL]) {
    const word = qualityWord(state);
    if (word && counts[state]) yield [word, words.word(word)];
  }
  if (counts[State.GAP]) yield ["GAP", words.word("GAP")];
  if (of.live) yield ["live", words.word("live")];
  if (of.compare !== null) yield ["compare", of.compare];
}

const entries = (of: Legend) => [...signs(of)];
