// uPlot with bars: it has the axes, the scales and the pointer; what is drawn in it is ours.

import uPlot from "uplot";
import { draw, isCrowded, type Picture } from "./draw";
import type { Inks } from "./inks";
import { type ChartPlot, cursorBox, HEADROOM, type PlotHost, placeCursor } from "./plot-host";
import { plotOptions } from "./plot-options";
import type { Slots } from "./slots";
import type { Tick } from "./ticks";

/** What else a plot tells that can be zoomed. */
export interface ZoomHost extends PlotHost {
  /** Other slots are seen. */
  zoomed(): void;
}

/** Slots that are seen at the nearest. */
const FEWEST = 12;

export class Plot implements ChartPlot {
  readonly #uplot: uPlot;
  readonly #cursor: HTMLDivElement;
  readonly #observer: ResizeObserver;
  #slots: Slots;
  #compare: Slots | null = null;
  #live = -1;
  #highest = 1;
  #from = 0;
  #to: number;
  #ticks: Tick[] = [];

  constructor(
    private readonly box: HTMLElement,
    private readonly host: ZoomHost,
    slots: Slots,
    private inks: Inks,
  ) {
    this.#slots = slots;
    this.#to = slots.count;
    this.#cursor = cursorBox();
    this.#uplot = new uPlot(this.#options(), dataOf(slots), box);
    this.#uplot.over.append(this.#cursor);
    this.#observer = new ResizeObserver(() => this.#resize());
    this.#observer.observe(box);
  }

  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  get count(): number {
    return this.#slots.count;
  }

  get isZoomed(): boolean {
    return this.#from > 0 || this.#to < this.#slots.count;
  }

  get isCrowded(): boolean {
    return isCrowded(this.#uplot.bbox, this.#from, this.#to);
  }

  /** A zoom stays where the slots are the same. */
  show(slots: Slots, compare: Slots | null, live: number, inks: Inks): void {
    const sameSpan =
      slots.count === this.#slots.count && slots.frame.startOf(0) === this.#slots.frame.startOf(0);
    this.#slots = slots;
    this.#compare = compare;
    this.#live = live;
    this.inks = inks;
    if (!sameSpan) [this.#from, this.#to] = [0, slots.count];
    this.#uplot.setData(dataOf(slots), false);
    this.#rescale();
    this.host.zoomed();
  }

  refresh(live: number): void {
    this.#live = live;
    this.#rescale();
  }

  recolour(inks: Inks): void {
    this.inks = inks;
    this.#uplot.redraw(false, true);
  }

  drag(allowed: boolean): void {
    const { drag } = this.#uplot.cursor;
    if (drag) drag.x = allowed;
  }

  /** See the slots [from, to), or as many as may be. */
  see(from: number, to: number): void {
    const { count } = this.#slots;
    const pointed = this.#cursor.hidden ? null : (this.#uplot.cursor.idx ?? null);
    const width = Math.min(Math.max(to - from, FEWEST), count);
    this.#from = Math.max(0, Math.min(Math.round(from), count - width));
    this.#to = this.#from + width;
    this.#rescale();
    if (pointed !== null) this.#place(pointed);
    this.host.zoomed();
  }

  /** So much of what is seen now to the right, or to the left if it is negative. */
  pan(share: number): void {
    const step = Math.round((this.#to - this.#from) * share);
    this.see(this.#from + step, this.#to + step);
  }

  /** `factor` of what is seen now, around the slot that is pointed at. */
  zoom(factor: number): void {
    const width = Math.round((this.#to - this.#from) * factor);
    const middle = this.#uplot.cursor.idx ?? (this.#from + this.#to) / 2;
    const share = (middle - this.#from) / (this.#to - this.#from);
    const from = Math.round(middle - width * share);
    this.see(from, from + width);
  }

  point(index: number | null): void {
    if (index === null) {
      this.#uplot.setCursor({ left: -10, top: -10 });
      return;
    }
    const width = this.#to - this.#from;
    if (index < this.#from) this.see(index, index + width);
    else if (index >= this.#to) this.see(index + 1 - width, index + 1);
    this.#place(index);
  }

  fit(width = this.box.clientWidth): void {
    this.#uplot.setSize({ width, height: this.box.clientHeight });
  }

  destroy(): void {
    this.#observer.disconnect();
    this.#uplot.destroy();
  }

  #place(index: number): void {
    // Scales change in a later step, and positions are those of the scales.
    queueMicrotask(() =>
      this.#uplot.setCursor({ left: this.#uplot.valToPos(index + 0.5, "x"), top: 1 }),
    );
  }

  #resize(): void {
    if (this.box.clientWidth > 0) this.fit();
  }

  #rescale(): void {
    const highest = Math.max(
      this.#slots.highest(this.#from, this.#to),
      this.#compare?.highest(this.#from, this.#to) ?? 0,
    );
    this.#highest = (highest || 1) * HEADROOM;
    // It draws all anew, and asks for the range of the other scale. Labels are made anew even
    // where neither range changed: another day has as many half hours.
    this.#uplot.setScale("x", { min: this.#from, max: this.#to });
    this.#uplot.redraw(false, true);
  }

  #draw(): void {
    const picture: Picture = {
      slots: this.#slots,
      compare: this.#compare,
      from: this.#from,
      to: this.#to,
      highest: this.#highest,
      live: this.#live,
    };
    draw(this.#uplot.ctx, this.#uplot.bbox, picture, this.inks, uPlot.pxRatio);
    this.host.drawn();
  }

  #pointed(): void {
    const { left = -1, idx } = this.#uplot.cursor;
    const index = left < 0 || idx == null ? null : idx;
    this.#cursor.hidden = index === null;
    if (index !== null) {
      const at = (slot: number) => this.#uplot.valToPos(slot, "x");
      placeCursor(this.#cursor, at(index), at(index + 1));
    }
    this.host.pointed(index);
  }

  /** The end of a drag over a stretch: it is what is seen next. */
  #selected(): void {
    const { left, width } = this.#uplot.select;
    if (width === 0) return;
    const at = (x: number) => this.#uplot.posToVal(x, "x");
    this.#uplot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.see(Math.floor(at(left)), Math.ceil(at(left + width)));
  }

  #options(): uPlot.Options {
    return plotOptions(this.box, {
      inks: () => this.inks,
      seen: () => [this.#from, this.#to],
      values: () => [0, this.#highest],
      labels: (uplot) => this.#labels(uplot),
      names: () => this.#ticks.map(({ label }) => label),
      number: (value, digits) => this.host.number(value, digits),
      all: () => this.see(0, this.#slots.count),
      draw: () => this.#draw(),
      pointed: () => this.#pointed(),
      selected: () => this.#selected(),
    });
  }

  #labels(uplot: uPlot): number[] {
    this.#ticks = this.host.ticks(this.#from, this.#to, uplot.bbox.width / uPlot.pxRatio);
    return this.#ticks.map(({ position }) => position);
  }
}

/** Slots are points in their middles, so that the nearest one is the one under the pointer. */
function dataOf(slots: Slots): uPlot.AlignedData {
  const middles = new Float64Array(slots.count);
  for (let i = 0; i < middles.length; i++) middles[i] = i + 0.5;
  return [middles, slots.kwh];
}
