/** What a picture comes to: totals, comparison, the highest point, and how complete it is. */

import { html, nothing, type TemplateResult } from "lit";

import { addDays, dateOf, dateTime } from "../format/dates";
import { change, count, kwh, wh, yen } from "../format/numbers";
import { language, texts } from "../text/index";
import { en } from "../text/usage.en";
import { ja } from "../text/usage.ja";
import type { Beside, Compared } from "./compared";
import { numericDate, numericInstant, numericSpan, pointName, spanName } from "./point-names";
import { scriptOf } from "./script-of";
import { type Series, seconds, totalOf } from "./series";
import type { Picture } from "./usage-load";

const t = texts(en, ja);
/** Gaps that are named; the table has all of them. */
const NAMED_GAPS = 4;

export function spoken({ view, span, series }: Picture): string {
  const title = t(`title.${series.direction}`, { span: spanName(view, span, language()) });
  return t("spoken", { title, kwh: kwh(totalOf(series)) });
}

/** How the thing that is compared with is called: the other place, or how long before. */
export function comparedName({ compare, name }: Beside): string {
  return compare === "facility" ? (name ?? "") : t(`before.${compare}`);
}

export function summary(picture: Picture, beside: Beside | null): TemplateResult {
  const { series } = picture;
  return html`
    <dl class="totals">
      <div>
        <dt>${t("total")}</dt>
        <dd><span data-testid="total" data-wh=${series.totalWh}>${kwh(totalOf(series))}</span>
          kWh</dd>
      </div>
      ${money(series)} ${peak(series)}
      ${beside === null ? nothing : compared(series, beside)}
    </dl>
    ${notes(picture)}
  `;
}

function money({ direction, totalYen, kwh: used, yen: costs }: Series) {
  const earned = direction === "EXPORT";
  const partly =
    totalYen !== null && used.some((each, row) => each !== null && costs[row] === null);
  const note = [t(earned ? "earned.note" : "cost.note"), partly ? t("cost.partly") : ""];
  return html`
    <div>
      <dt>${earned ? t("earned") : t("cost")}</dt>
      <dd data-testid="yen">
        ${totalYen === null ? t("cost.none") : yen(totalYen, language())}
        ${totalYen === null ? nothing : html`<small>${note.filter(Boolean).join(" ")}</small>`}
      </dd>
    </div>
  `;
}

function peak(series: Series) {
  const highest = series.peak;
  if (!highest || series.startAt.length < 2) return nothing;
  const name = pointName(series, seconds(highest.startAt), seconds(highest.endAt), language());
  return html`
    <div>
      <dt>${t("peak")}</dt>
      <dd>
        <span data-testid="peak" data-wh=${wh(highest.kwh ?? 0)}>${kwh(highest.kwh)}</span> kWh
        <small>${name}</small>
      </dd>
    </div>
  `;
}

function compared(series: Series, beside: Beside) {
  const { name, found } = beside;
  return html`
    <div>
      <dt lang=${name === null ? nothing : scriptOf(name)}>${comparedName(beside)}</dt>
      <dd>
        ${
          typeof found === "string"
            ? html`<small>${t(found)}</small>`
            : html`
              <span data-testid="before" data-wh=${found.totalWh}>${kwh(found.totalWh / 1000)}</span>
              kWh <small>${against(series, found, name !== null)}</small>
            `
        }
      </dd>
    </div>
  `;
}

/** The difference, and what it is to be taken with. */
function against(series: Series, found: Compared, elsewhere: boolean): string {
  if (found.cut) return elsewhere ? t("elsewhere.cut", { span: days(found) }) : cutBefore(found);
  const difference = change(totalOf(series), found.totalWh / 1000);
  const said = [
    t(elsewhere ? "elsewhere.change" : "before.change", { change: difference }),
    elsewhere && found.to < series.to
      ? t("until", { instant: dateTime(found.to * 1000, language()) })
      : "",
    found.missing > 0 ? t("compared.gaps", { n: found.missing }) : "",
  ];
  return said.filter(Boolean).join(" ");
}

const cutBefore = ({ from }: Compared): string =>
  t("before.cut", { from: numericDate(dateOf(from * 1000)) });

/** Its last day may be one that is not over. */
const days = ({ from, to }: Compared): string =>
  numericSpan({ from: dateOf(from * 1000), to: addDays(dateOf(to * 1000 - 1), 1) });

/** In the order of time: from when, up to when, what is missing, what may still change. */
function notes({ span, part, series }: Picture) {
  if (series.startAt.length === 0) return nothing;
  const { coverage } = series;
  const from = dateOf(series.from * 1000);
  const said = [
    from > span.from ? t("cut.from", { from: numericDate(from) }) : "",
    series.to * 1000 < Date.parse(`${part.to}T00:00:00+09:00`)
      ? t("until", { instant: dateTime(series.to * 1000, language()) })
      : "",
    coverage.missing.length === 0
      ? t("complete", { expected: count(coverage.expected) })
      : t("gaps", {
          present: count(coverage.present),
          expected: count(coverage.expected),
          gaps: gaps(series),
        }),
    certainty(series),
  ];
  return html`<p class="notes" data-testid="notes">${said.filter(Boolean).join(" ")}</p>`;
}

function gaps({ coverage: { missing } }: Series): string {
  const named = missing
    .slice(0, NAMED_GAPS)
    .map((gap) => gapName(seconds(gap.from), seconds(gap.to)));
  const more = missing.length - named.length;
  const all = more > 0 ? [...named, t("gaps.more", { n: more })] : named;
  return `${all.join(language() === "ja" ? "、" : ", ")}${language() === "ja" ? "。" : "."}`;
}

/** "2026/11/03 02:00–03:30", with the second date where it is another. */
function gapName(from: number, to: number): string {
  const end = numericInstant(to);
  const sameDay = dateOf(from * 1000) === dateOf(to * 1000);
  if (sameDay) return `${numericInstant(from)}–${end.slice(-5)}`;
  const atMidnight = end.endsWith("00:00") && addDays(dateOf(from * 1000), 1) === dateOf(to * 1000);
  return `${numericInstant(from)}–${atMidnight ? "24:00" : end}`;
}

function certainty({ quality, coverage }: Series): string {
  if (!quality.includes("PROVISIONAL")) return "";
  const until = coverage.settledUntil;
  return until ? t("settled", { instant: dateTime(until, language()) }) : t("unsettled");
}
