// What uPlot is told once: its axes, scales and pointer, and whom it asks while it lasts.

import type uPlot from "uplot";
import type { Inks } from "./inks";
import { digitsOf, LABEL_PX, widest } from "./plot-host";

type Range = [from: number, to: number];

export interface Asked {
  /** Those of the moment: themes change. */
  inks(): Inks;
  /** The slots that are seen. */
  seen(): Range;
  values(): Range;
  /** Where the axis of slots has labels, and which. */
  labels(uplot: uPlot): number[];
  names(): string[];
  number(value: number, digits: number): string;
  /** See all slots again. */
  all(): void;
  draw(): void;
  pointed(): void;
  selected(): void;
}

export function plotOptions(box: HTMLElement, asked: Asked): uPlot.Options {
  const font = `${LABEL_PX}px ${asked.inks().font}`;
  const lines = { stroke: () => asked.inks().grid, width: 1 };
  const axis = { font, stroke: () => asked.inks().text, ticks: { show: false } };
  return {
    width: Math.max(box.clientWidth, 1),
    height: Math.max(box.clientHeight, 1),
    legend: { show: false },
    padding: [8, 18, 0, 0],
    scales: {
      x: { time: false, range: () => asked.seen() },
      y: { range: () => asked.values() },
    },
    series: [{}, { paths: () => null, points: { show: false } }],
    axes: [
      {
        ...axis,
        size: 26,
        gap: 4,
        grid: { show: false },
        ticks: { show: true, size: 4, ...lines },
        splits: (uplot) => asked.labels(uplot),
        values: () => asked.names(),
      },
      {
        ...axis,
        space: 36,
        gap: 4,
        grid: lines,
        // There are no labels before the first scale.
        size: (uplot, values) => widest(uplot.ctx, values ?? [], font) + 8,
        values: (_uplot, splits, _axis, _space, step) =>
          splits.map((value) => asked.number(value, digitsOf(step))),
      },
    ],
    cursor: {
      x: false,
      y: false,
      points: { show: false },
      drag: { x: false, y: false, setScale: false, dist: 6 },
      bind: {
        dblclick: (uplot) => () => {
          if (uplot.cursor.drag?.x) asked.all();
          return null;
        },
      },
    },
    hooks: {
      draw: [() => asked.draw()],
      setCursor: [() => asked.pointed()],
      setSelect: [() => asked.selected()],
    },
  };
}
