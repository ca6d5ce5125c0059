// <k-small-chart>: the same chart for the widget, of the bars of a day or a month. What draws its axes
// is small too: with uPlot the widget would be over 50 kB.

import { ChartElement } from "./chart-element";
import type { Inks } from "./inks";
import { PlainPlot } from "./plain-plot";
import type { Slots } from "./slots";

const NAME = "k-small-chart";

export class SmallChart extends ChartElement {
  protected override makePlot(slots: Slots, inks: Inks): PlainPlot {
    return new PlainPlot(this.box, this, slots, inks);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [NAME]: SmallChart;
  }
}

if (!customElements.get(NAME)) customElements.define(NAME, SmallChart);
