// A chart in words: the line below it, what a screen reader says, and the names on its axis.

import { dateOf, longDate, monthName, shortDate, timeOf, yearName } from "../format/dates";
import { kwh } from "../format/numbers";
import { en } from "../text/chart.en";
import { ja } from "../text/chart.ja";
import { type Language, say } from "../text/say";
import { DAY, type Frame } from "./frame";
import { type Slots, State } from "./slots";
import type { Gap, Summary } from "./summary";
import type { TickNames } from "./ticks";
import { calendarDay } from "./tokyo";

export type Word = keyof typeof en;

const WORDS = { en, ja };
/** More gaps than these are only counted. */
const GAPS_SPOKEN = 3;

export class Describer {
  constructor(
    readonly lang: Language,
    /** Names of the slots, of charts that are not over time. */
    private readonly labels: readonly string[] | null,
  ) {}

  word(key: Word, params: Record<string, string | number> = {}): string {
    return say(this.lang, WORDS, key, params);
  }

  get tickNames(): TickNames {
    const { lang } = this;
    return {
      day: (at) => dayName(at, lang),
      month: (at) => monthLabel(at, lang),
      year: (at) => yearName(tokyoDate(at), lang),
    };
  }

  /** Which stretch of time a slot is. */
  when(frame: Frame, index: number): string {
    return this.labels?.[index] ?? slotName(frame, index, this.lang);
  }

  /** A slot with its value, and what it is compared with. */
  slot(slots: Slots, index: number, compare: Slots | null, compareLabel: string): string {
    const line = this.#value(slots, index);
    const other = compare?.kwh[index];
    if (other === undefined || Number.isNaN(other)) return line;
    return this.word("against", { value: line, label: compareLabel, kwh: kwh(other) });
  }

  #value(slots: Slots, index: number): string {
    const when = this.when(slots.frame, index);
    const state = slots.states[index];
    if (state === State.NONE) return this.word("empty", { when });
    if (state === State.GAP) return this.word("gap", { when });
    const value = this.word("value", { when, kwh: kwh(slots.kwh[index] as number) });
    const quality = qualityWord(state);
    return quality ? this.word("quality", { value, quality: this.word(quality) }) : value;
  }

  /** Total, highest value and gaps. A total of averages would say nothing. */
  summary(slots: Slots, summary: Summary): string {
    if (summary.peak < 0 && summary.gaps.length === 0) return this.word("nothing");
    const parts: string[] = [];
    if (this.labels === null) parts.push(this.word("total", { kwh: kwh(summary.totalWh / 1000) }));
    if (summary.peak >= 0) {
      const peak = slots.kwh[summary.peak] as number;
      parts.push(this.word("peak", { kwh: kwh(peak), when: this.when(slots.frame, summary.peak) }));
    }
    if (summary.gaps.length > 0) parts.push(this.#gaps(summary.gaps));
    return parts.join(this.lang === "ja" ? "、" : "; ");
  }

  #gaps(gaps: readonly Gap[]): string {
    const names = gaps.slice(0, GAPS_SPOKEN).map((gap) => this.#gap(gap));
    const listed = names.join(this.lang === "ja" ? "、" : ", ");
    const more = gaps.length - names.length;
    const when = more > 0 ? this.word("gaps-more", { when: listed, n: more }) : listed;
    return this.word("gaps", { n: gaps.length, when });
  }

  #gap(gap: Gap): string {
    if (this.labels === null) return gapName(gap, this.lang);
    return this.labels.slice(gap.from, gap.to).join(" ");
  }
}

/** The word for values that are not settled. */
export function qualityWord(state: number | undefined): Word | null {
  switch (state) {
    case State.PARTIAL:
      return "PARTIAL";
    case State.PROVISIONAL:
      return "PROVISIONAL";
    case State.ESTIMATED:
      return "ESTIMATED";
    default:
      return null;
  }
}

const tokyoDate = (at: number) => dateOf(at * 1000);

function dayName(at: number, lang: Language): string {
  const { month, day } = calendarDay(at);
  return lang === "ja" ? `${month}/${day}` : `${day} ${MONTHS_EN[month - 1]}`;
}

function monthLabel(at: number, lang: Language): string {
  const { month } = calendarDay(at);
  return lang === "ja" ? `${month}月` : (MONTHS_EN[month - 1] as string);
}

const MONTHS_EN = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function slotName(frame: Frame, index: number, lang: Language): string {
  const from = frame.startOf(index);
  const to = frame.endOf(index);
  switch (frame.kind) {
    case "HALF_HOUR":
    case "HOUR":
      return timesName(from, to, frame.endOf(frame.count - 1) - frame.startOf(0) > DAY, lang);
    case "DAY":
      return longDate(tokyoDate(from), lang);
    case "MONTH":
      return monthName(tokyoDate(from), lang);
    case "YEAR":
      return yearName(tokyoDate(from), lang);
    default:
      return `${shortDate(tokyoDate(from), lang)} – ${shortDate(tokyoDate(to - DAY), lang)}`;
  }
}

function timesName(from: number, to: number, dated: boolean, lang: Language): string {
  const times = `${clock(from)}–${endClock(to)}`;
  return dated ? `${longDate(tokyoDate(from), lang)} ${times}` : times;
}

const clock = (at: number): string => timeOf(at * 1000);

/** Midnight at the end of a day is 24:00 of it. */
const endClock = (at: number): string => (clock(at) === "00:00" ? "24:00" : clock(at));

function gapName({ from, to }: Gap, lang: Language): string {
  const first = shortDate(tokyoDate(from), lang);
  const last = shortDate(tokyoDate(to - 1), lang);
  if (clock(from) === "00:00" && clock(to) === "00:00")
    return first === last ? first : `${first} – ${last}`;
  if (first === last) return `${first} ${clock(from)}–${endClock(to)}`;
  return `${first} ${clock(from)} – ${last} ${endClock(to)}`;
}
