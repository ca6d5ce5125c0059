// A plot of a few bars with its axes, drawn by itself: no zoom, one pointer.

import { type Area, draw, isCrowded, type Picture } from "./draw";
import type { Inks } from "./inks";
import {
  type ChartPlot,
  cursorBox,
  digitsOf,
  HEADROOM,
  LABEL_PX,
  type PlotHost,
  placeCursor,
  widest,
} from "./plot-host";
import type { Slots } from "./slots";
import { valueSteps } from "./value-steps";

/** Around the area of the bars, in CSS pixels. */
const TOP = 8;
const RIGHT = 18;
const BOTTOM = 24;
/** Between two lines of the axis of values. */
const LINE_SPACE = 36;

export class PlainPlot implements ChartPlot {
  readonly #canvas = document.createElement("canvas");
  readonly #cursor = cursorBox();
  readonly #observer = new ResizeObserver(() => this.fit());
  readonly #listening = new AbortController();
  #picture: Picture;
  #area: Area = { left: 0, top: 0, width: 1, height: 1 };
  #width = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly host: PlotHost,
    slots: Slots,
    private inks: Inks,
  ) {
    this.#picture = pictureOf(slots, null, -1);
    box.append(this.#canvas, this.#cursor);
    this.#observer.observe(box);
    const { signal } = this.#listening;
    box.addEventListener("pointermove", (event) => this.#hover(event.clientX), { signal });
    box.addEventListener("pointerleave", () => this.point(null), { signal });
  }

  get isCrowded(): boolean {
    return isCrowded(this.#area, 0, this.#picture.to);
  }

  show(slots: Slots, compare: Slots | null, live: number, inks: Inks): void {
    this.inks = inks;
    this.#picture = pictureOf(slots, compare, live);
    this.fit();
  }

  refresh(live: number): void {
    const { slots, compare } = this.#picture;
    this.show(slots, compare, live, this.inks);
  }

  recolour(inks: Inks): void {
    this.inks = inks;
    this.fit();
  }

  point(index: number | null): void {
    if (index === null || index >= this.#picture.to) this.#cursor.hidden = true;
    else placeCursor(this.#cursor, this.#x(index), this.#x(index + 1));
    this.host.pointed(index);
  }

  fit(width = this.box.clientWidth): void {
    const height = this.box.clientHeight;
    if (width === 0 || height === 0) return;
    const ratio = devicePixelRatio;
    this.#width = width;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    this.#cursor.style.height = `${height - BOTTOM}px`;
    const context = this.#canvas.getContext("2d");
    if (context === null) return;
    this.#draw(context, height, ratio);
    this.host.drawn();
  }

  destroy(): void {
    this.#observer.disconnect();
    this.#listening.abort();
    this.#canvas.remove();
    this.#cursor.remove();
  }

  #draw(context: CanvasRenderingContext2D, height: number, ratio: number): void {
    const { highest, to } = this.#picture;
    const { step, values } = valueSteps(highest, (height - TOP - BOTTOM) / LINE_SPACE);
    const labels = values.map((value) => this.host.number(value, digitsOf(step)));
    const font = `${LABEL_PX}px ${this.inks.font}`;
    const left = Math.ceil(widest(context, labels, font)) + 8;
    this.#area = {
      left: left * ratio,
      top: TOP * ratio,
      width: Math.max(1, this.#width - left - RIGHT) * ratio,
      height: Math.max(1, height - TOP - BOTTOM) * ratio,
    };
    context.save();
    context.scale(ratio, ratio);
    context.font = font;
    context.fillStyle = this.inks.text;
    context.strokeStyle = this.inks.grid;
    this.#lines(context, values, labels, left, height);
    this.#labels(context, to, height);
    context.restore();
    draw(context, this.#area, this.#picture, this.inks, ratio);
  }

  #lines(
    context: CanvasRenderingContext2D,
    values: readonly number[],
    labels: readonly string[],
    left: number,
    height: number,
  ): void {
    context.textAlign = "right";
    context.textBaseline = "middle";
    const room = height - TOP - BOTTOM;
    values.forEach((value, i) => {
      // On the middle of a pixel, where a line is sharp.
      const y = Math.round(TOP + room * (1 - value / this.#picture.highest)) + 0.5;
      context.beginPath();
      context.moveTo(left, y);
      context.lineTo(this.#width - RIGHT, y);
      context.stroke();
      context.fillText(labels[i] ?? "", left - 5, y);
    });
  }

  #labels(context: CanvasRenderingContext2D, to: number, height: number): void {
    context.textAlign = "center";
    context.textBaseline = "bottom";
    for (const { position, label } of this.host.ticks(0, to, this.#area.width / devicePixelRatio))
      context.fillText(label, this.#x(position), height - 2);
  }

  /** Of a place on the axis, in CSS pixels. */
  #x(position: number): number {
    const { left, width } = this.#area;
    return (left + (position / this.#picture.to) * width) / devicePixelRatio;
  }

  #hover(clientX: number): void {
    const x = clientX - this.box.getBoundingClientRect().left;
    const { to } = this.#picture;
    const index = Math.floor(((x - this.#x(0)) / (this.#x(to) - this.#x(0))) * to);
    this.point(index >= 0 && index < to ? index : null);
  }
}

function pictureOf(slots: Slots, compare: Slots | null, live: number): Picture {
  const to = slots.count;
  const highest = Math.max(slots.highest(0, to), compare?.highest(0, to) ?? 0) || 1;
  return { slots, compare, from: 0, to, highest: highest * HEADROOM, live };
}
