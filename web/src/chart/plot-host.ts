// What a chart element and the plot in it know of each other.

import type { Inks } from "./inks";
import type { Slots } from "./slots";
import type { Tick } from "./ticks";

export interface PlotHost {
  /** The labels below the slots [from, to). */
  ticks(from: number, to: number, width: number): Tick[];
  /** Written at the axis of values. */
  number(value: number, digits: number): string;
  /** The slot under the pointer or keyboard, or null. */
  pointed(index: number | null): void;
  drawn(): void;
}

export interface ChartPlot {
  /** Whether columns of pixels stand for several slots. */
  readonly isCrowded: boolean;
  /** Draw this instead. */
  show(slots: Slots, compare: Slots | null, live: number, inks: Inks): void;
  /** After values changed in place. */
  refresh(live: number): void;
  recolour(inks: Inks): void;
  /** Point at a slot, as the pointer does; null at none. */
  point(index: number | null): void;
  /** As wide as it may be on paper, or as its box is. */
  fit(width?: number): void;
  destroy(): void;
}

/** Of labels at the axes, in CSS pixels. */
export const LABEL_PX = 12;
/** Room above the highest bar. */
export const HEADROOM = 1.06;

/** Decimals with which multiples of `step` are written in full. */
export function digitsOf(step: number): number {
  const exact = (digits: number) => Number.isInteger(Math.round(step * 1e6) / 10 ** (6 - digits));
  return [0, 1, 2].find(exact) ?? 3;
}

/** Of labels, in CSS pixels. */
export function widest(
  context: CanvasRenderingContext2D,
  labels: readonly string[],
  font: string,
): number {
  context.save();
  context.font = font;
  const widths = labels.map((label) => context.measureText(label).width);
  context.restore();
  return Math.max(20, ...widths);
}

/** What is laid over the slot that is pointed at. */
export function cursorBox(): HTMLDivElement {
  const box = document.createElement("div");
  box.className = "cursor";
  box.hidden = true;
  return box;
}

/** Over [start, end), in CSS pixels. */
export function placeCursor(box: HTMLElement, start: number, end: number): void {
  box.hidden = false;
  box.style.left = `${start}px`;
  box.style.width = `${Math.max(1, end - start)}px`;
}
