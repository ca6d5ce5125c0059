// The box of the plot as a slider: what is pointed at is its value, spoken by itself when keys change it.

import { html, type TemplateResult } from "lit";

export interface Slider {
  /** What the chart is of. */
  readonly name: string;
  readonly count: number;
  /** The slot that is pointed at. */
  readonly at: number | null;
  /** That slot in words, or all of the chart. */
  readonly text: string;
  pressed(event: KeyboardEvent): void;
  left(): void;
}

/** A chart without slots has nothing to point at. */
export function slider({ name, count, at, text, pressed, left }: Slider): TemplateResult {
  return html`<div
    class="plot"
    role="slider"
    tabindex=${count > 0 ? 0 : -1}
    aria-disabled=${count === 0}
    aria-label=${name}
    aria-describedby="summary"
    aria-valuemin="1"
    aria-valuemax=${Math.max(1, count)}
    aria-valuenow=${(at ?? 0) + 1}
    aria-valuetext=${text}
    @keydown=${pressed}
    @blur=${left}
  ></div>`;
}
