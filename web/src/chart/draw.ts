// Draws bars, gaps and the outline of what is compared into the area of the plot. All lengths are
// pixels of the canvas.

import type { Inks } from "./inks";
import { has, type PixelColumns, pixelColumns } from "./pixels";
import { type Slots, State } from "./slots";

export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Picture {
  readonly slots: Slots;
  readonly compare: Slots | null;
  /** The slots [from, to) are seen. */
  readonly from: number;
  readonly to: number;
  /** The value at the upper edge. */
  readonly highest: number;
  /** The slot that still grows, or -1. */
  readonly live: number;
}

/** Slots narrower than this, in pixels of the canvas, share columns. */
const NARROW = 1;
/** In CSS pixels. */
const WIDEST_BAR = 72;
const GAP_MARK = 4;

export function isCrowded(area: { width: number }, from: number, to: number): boolean {
  return area.width / (to - from) < NARROW;
}

export function draw(
  context: CanvasRenderingContext2D,
  area: Area,
  picture: Picture,
  inks: Inks,
  pixelRatio: number,
): void {
  // For a moment, while a page is laid out, a chart may be narrower than its axes.
  if (area.width < 1 || area.height < 1) return;
  context.save();
  context.beginPath();
  context.rect(area.left, area.top, area.width, area.height);
  context.clip();
  const pen = new Pen(context, area, picture, inks, pixelRatio);
  if (isCrowded(area, picture.from, picture.to)) pen.columns();
  else pen.bars();
  context.restore();
}

class Pen {
  readonly #bottom: number;
  readonly #perSlot: number;

  constructor(
    private readonly context: CanvasRenderingContext2D,
    private readonly area: Area,
    private readonly picture: Picture,
    private readonly inks: Inks,
    private readonly ratio: number,
  ) {
    this.#bottom = area.top + area.height;
    this.#perSlot = area.width / (picture.to - picture.from);
  }

  bars(): void {
    const { slots, compare, from, to } = this.picture;
    const end = Math.min(to, slots.count);
    for (let i = from; i < end; i++) if (slots.states[i] === State.GAP) this.#gap(i);
    for (let i = from; i < end; i++) this.#bar(i);
    if (compare) this.#outline((i) => compare.kwh[i] as number, from, Math.min(to, compare.count));
  }

  /** Light up to the highest of a column, full up to its mean. */
  columns(): void {
    const { slots, compare, from, to } = this.picture;
    const width = Math.round(this.area.width);
    const columns = pixelColumns(slots, from, to, width);
    for (let x = 0; x < width; x++) this.#column(columns, x);
    if (!compare) return;
    const { mean } = pixelColumns(compare, from, to, width);
    const { left } = this.area;
    this.#steps(
      width,
      (x) => mean[x] as number,
      (x) => left + x,
    );
  }

  #y(kwh: number): number {
    return this.#bottom - (kwh / this.picture.highest) * this.area.height;
  }

  #x(index: number): number {
    return Math.round(this.area.left + (index - this.picture.from) * this.#perSlot);
  }

  /** From left to right edge of a bar, with the space to the next one. */
  #edges(index: number): [left: number, width: number] {
    const left = this.#x(index);
    const slot = this.#x(index + 1) - left;
    const space = slot < 4 ? 0 : Math.max(1, Math.round(slot * 0.15));
    const width = Math.min(slot - space, WIDEST_BAR * this.ratio);
    return [left + Math.round((slot - width) / 2), width];
  }

  #bar(index: number): void {
    const { slots, live } = this.picture;
    const kwh = slots.kwh[index] as number;
    if (Number.isNaN(kwh)) return;
    const [left, width] = this.#edges(index);
    // A zero is a value: it has a line, where a gap has none.
    const height = Math.max(this.#bottom - this.#y(kwh), this.ratio);
    const top = this.#bottom - height;
    const state = slots.states[index] as State;
    this.context.fillStyle = this.#fill(state);
    this.context.fillRect(left, top, width, height);
    if (state === State.PROVISIONAL || state === State.ESTIMATED || index === live)
      this.#frame(left, top, width, height, index === live);
    if (state === State.PARTIAL) this.#mark(left, width);
  }

  #fill(state: number): string | CanvasPattern {
    if (state === State.PROVISIONAL) return this.inks.provisional;
    return state === State.ESTIMATED ? this.inks.estimated : this.inks.bar;
  }

  #frame(left: number, top: number, width: number, height: number, live: boolean): void {
    const line = Math.min((live ? 2 : 1) * this.ratio, width / 3);
    this.context.lineWidth = line;
    this.context.strokeStyle = live ? this.inks.live : this.inks.bar;
    this.context.strokeRect(
      left + line / 2,
      top + line / 2,
      width - line,
      Math.max(0, height - line),
    );
  }

  #gap(index: number): void {
    const left = this.#x(index);
    this.#nothing(left, this.#x(index + 1) - left);
  }

  /** A pale stretch over the whole height, with a mark at its foot. */
  #nothing(left: number, width: number): void {
    this.context.fillStyle = this.inks.gap;
    this.context.globalAlpha = 0.16;
    this.context.fillRect(left, this.area.top, width, this.area.height);
    this.context.globalAlpha = 1;
    this.#mark(left, width);
  }

  #mark(left: number, width: number): void {
    const height = GAP_MARK * this.ratio;
    this.context.fillStyle = this.inks.gap;
    this.context.fillRect(left, this.#bottom - height, width, height);
  }

  #column({ highest, mean, states }: PixelColumns, x: number): void {
    const left = Math.round(this.area.left) + x;
    const seen = states[x] as number;
    const top = highest[x] as number;
    if (!Number.isNaN(top)) {
      this.context.fillStyle = this.#fill(loosest(seen));
      this.context.globalAlpha = 0.4;
      this.#rise(left, top);
      this.context.globalAlpha = 1;
      this.#rise(left, mean[x] as number);
    }
    if (seen === 1 << State.GAP) this.#nothing(left, 1);
    else if (has(seen, State.GAP) || has(seen, State.PARTIAL)) this.#mark(left, 1);
  }

  #rise(left: number, kwh: number): void {
    const top = this.#y(kwh);
    this.context.fillRect(left, top, 1, Math.max(this.#bottom - top, 1));
  }

  #outline(kwhOf: (index: number) => number, from: number, end: number): void {
    this.#steps(
      end - from,
      (i) => kwhOf(from + i),
      (i) => this.#x(from + i),
    );
  }

  /** A line in steps, broken where there is no value. */
  #steps(count: number, kwhOf: (step: number) => number, xOf: (step: number) => number): void {
    const { context } = this;
    context.beginPath();
    let drawing = false;
    for (let i = 0; i < count; i++) {
      const kwh = kwhOf(i);
      if (Number.isNaN(kwh)) {
        drawing = false;
        continue;
      }
      const y = this.#y(kwh);
      if (drawing) context.lineTo(xOf(i), y);
      else context.moveTo(xOf(i), y);
      context.lineTo(xOf(i + 1), y);
      drawing = true;
    }
    context.lineJoin = "round";
    // On paper-coloured edges it stands out from bars of any colour.
    for (const [ink, width] of [
      [this.inks.paper, 4],
      [this.inks.compare, 2],
    ] as const) {
      context.strokeStyle = ink;
      context.lineWidth = width * this.ratio;
      context.stroke();
    }
  }
}

/** How a column is drawn that stands for slots of several states: as the least certain one. */
function loosest(states: number): State {
  if (has(states, State.ESTIMATED)) return State.ESTIMATED;
  return has(states, State.PROVISIONAL) ? State.PROVISIONAL : State.SETTLED;
}
