// The chart's values as a table, for those who do not see a chart or want to read a value.

import { html, type TemplateResult } from "lit";
import type { ChartColumns } from "../chart/slots";
import { dateOf, shortDate, timeOf } from "../format/dates";
import { kwh } from "../format/numbers";
import type { Language } from "../text/say";
import type { Speak } from "./words";

export function usageTable(
  columns: ChartColumns,
  byDay: boolean,
  caption: string,
  speak: Speak,
  lang: Language,
): TemplateResult {
  const when = (at: number) => (byDay ? shortDate(dateOf(at * 1000), lang) : timeOf(at * 1000));
  return html`<details part="table">
    <summary>${speak("table")}</summary>
    <div class="scroll" role="group" aria-label=${caption} tabindex="0">
      <table>
        <caption class="visually-hidden">
          ${caption}
        </caption>
        <thead>
          <tr>
            <th scope="col">${speak("when")}</th>
            <th scope="col" class="number">${speak("kwh")}</th>
            <th scope="col">${speak("quality")}</th>
          </tr>
        </thead>
        <tbody>
          ${columns.startAt.map(
            (at, row) => html`<tr>
              <th scope="row">${when(at)}</th>
              <td class="number">${kwh(columns.kwh[row])}</td>
              <td>${speak(columns.quality?.[row] ?? "SETTLED")}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
