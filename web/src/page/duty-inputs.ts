/** What each step of the first log-in asks for, built from the portal's rules. */

import { html, nothing, type TemplateResult } from "lit";
import type { DutiesQuery, Duty } from "../generated/graphql";
import { en } from "../text/duties.en";
import { ja } from "../text/duties.ja";
import { language, texts } from "../text/index";
import { describedBy, type FieldOptions, field } from "./field";
import { profileField } from "./profile-fields";

const t = texts(en, ja);

export type Step = Duty | "POSTCARD";
export type Rules = DutiesQuery["portal"];

interface Asked {
  readonly rules: Rules;
  /** The password was given too long ago to set keywords with. */
  readonly passwordNeeded: boolean;
  faultOf(field: string): string | undefined;
}

interface Kind {
  readonly type: "text" | "tel" | "password";
  readonly autocomplete: "tel" | "off" | "one-time-code" | "current-password" | "new-password";
  readonly hint?: string;
  readonly max?: number;
}

const CURRENT: Kind = { type: "password", autocomplete: "current-password" };
const COUNT = 3;

export function inputsOf(step: Step, asked: Asked): TemplateResult | TemplateResult[] {
  switch (step) {
    case "CONTRACT_PHONE":
      return input("phone", t("phone"), { type: "tel", autocomplete: "tel" }, asked);
    case "POSTCARD":
      return input("code", t("code"), { type: "text", autocomplete: "one-time-code" }, asked);
    case "NEW_PASSWORD":
      return passwords(asked);
    case "KEYWORDS":
      return keywords(asked);
    case "PROFILE":
      return profile(asked);
  }
}

/** Names of what a step may show a fault beside. */
export function fieldsOf(step: Step, rules: Rules): readonly string[] {
  switch (step) {
    case "CONTRACT_PHONE":
      return ["phone"];
    case "POSTCARD":
      return ["code"];
    case "NEW_PASSWORD":
      return ["currentPassword", "newPassword"];
    case "KEYWORDS":
      return ["password", ...keywordsOf(rules)];
    case "PROFILE":
      return askedFirst(rules).map(({ key }) => key);
  }
}

/** Names of the inputs for keywords: places in the list that is sent. */
export const keywordsOf = (rules: Rules): readonly string[] =>
  Array.from({ length: rules?.secondFactor?.keywords ?? COUNT }, (_, place) => `${place}`);

export const askedFirst = (rules: Rules) =>
  rules?.profile.fields.filter(({ asked }) => asked === "FIRST_LOGIN") ?? [];

function passwords(asked: Asked): TemplateResult[] {
  const { minLength: min = 8, maxLength: max = 64 } = asked.rules?.password.form ?? {};
  const chosen = { ...CURRENT, autocomplete: "new-password" } as const;
  return [
    input("currentPassword", t("current password"), CURRENT, asked),
    input("newPassword", t("new password"), { ...chosen, hint: t("length", { min, max }) }, asked),
  ];
}

function keywords(asked: Asked): TemplateResult[] {
  const max = asked.rules?.secondFactor?.form.maxLength ?? 20;
  const kind = { type: "text", autocomplete: "off", max } as const;
  const words = keywordsOf(asked.rules).map((name, place) =>
    input(name, t("keyword", { n: place + 1 }), kind, asked),
  );
  return asked.passwordNeeded
    ? [...words, input("password", t("password again"), CURRENT, asked)]
    : words;
}

function profile(asked: Asked): TemplateResult {
  const fields = askedFirst(asked.rules);
  const oneOf = fields.filter(({ key }) => asked.rules?.profile.oneOf.includes(key));
  const names = oneOf.map(({ label }) => label[language()]).join(" / ");
  return html`
    ${oneOf.length ? html`<p>${t("one of", { fields: names })}</p>` : nothing}
    ${fields.map((rule) =>
      profileField(rule, {
        error: asked.faultOf(rule.key),
        optional: t("optional"),
        choose: t("choose"),
      }),
    )}
  `;
}

function input(name: string, label: string, kind: Kind, asked: Asked): TemplateResult {
  const error = asked.faultOf(name);
  const of: FieldOptions = { id: `duty-${name}`, label, hint: kind.hint, error };
  return field(
    of,
    html`
      <input
        id=${of.id}
        name=${name}
        type=${kind.type}
        autocomplete=${kind.autocomplete}
        autocapitalize="none"
        spellcheck="false"
        maxlength=${kind.max ?? 254}
        aria-describedby=${describedBy(of)}
        aria-invalid=${error ? "true" : nothing}
      />
    `,
  );
}
