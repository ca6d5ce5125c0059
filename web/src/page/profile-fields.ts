/** Inputs for the fields of a member's profile, as the portal's rules describe them. */

import { html, nothing, type TemplateResult } from "lit";
import type { DutiesQuery, FieldForm } from "../generated/graphql";
import { language } from "../text/index";
import { describedBy, type FieldOptions, field } from "./field";

type Rule = NonNullable<DutiesQuery["portal"]>["profile"]["fields"][number];

interface Around {
  readonly error: string | undefined;
  readonly optional: string;
  readonly choose: string;
}

const TYPES: { readonly [Form in FieldForm]?: string } = {
  MONTH: "month",
  PHONE: "tel",
  HYPHENATED_PHONE: "tel",
};
const MODES: { readonly [Form in FieldForm]?: string } = {
  COUNT: "numeric",
  POSTAL_CODE: "numeric",
};
const FILLS: Readonly<Record<string, string>> = {
  name: "name",
  nickname: "nickname",
  postalCode: "postal-code",
  address1: "address-level1",
  address2: "street-address",
  phone: "tel",
  mobile: "tel",
};

export function profileField(rule: Rule, around: Around): TemplateResult {
  const of: FieldOptions = {
    id: `duty-${rule.key}`,
    label: rule.label[language()],
    error: around.error,
    optional: rule.required ? undefined : around.optional,
  };
  return field(of, rule.form === "CHOICE" ? choice(rule, of, around.choose) : text(rule, of));
}

/** What was filled in, for the API; what was left empty is not sent. */
export function valuesOf(
  rules: readonly Rule[],
  given: FormData,
): { key: string; value: string }[] {
  return rules.flatMap(({ key }) => {
    const value = String(given.get(key) ?? "").trim();
    return value ? [{ key, value }] : [];
  });
}

function text(rule: Rule, of: FieldOptions): TemplateResult {
  return html`
    <input
      id=${of.id}
      name=${rule.key}
      type=${TYPES[rule.form] ?? "text"}
      inputmode=${MODES[rule.form] ?? nothing}
      autocomplete=${FILLS[rule.key] ?? "off"}
      maxlength=${rule.maxLength}
      placeholder=${rule.form === "MONTH" ? "1980-04" : nothing}
      aria-required=${rule.required}
      aria-describedby=${describedBy(of)}
      aria-invalid=${of.error ? "true" : nothing}
    />
  `;
}

function choice(rule: Rule, of: FieldOptions, choose: string): TemplateResult {
  return html`
    <select
      id=${of.id}
      name=${rule.key}
      aria-required=${rule.required}
      aria-describedby=${describedBy(of)}
      aria-invalid=${of.error ? "true" : nothing}
    >
      <option value="">${choose}</option>
      ${rule.choices.map(({ key, label }) => html`<option value=${key}>${label[language()]}</option>`)}
    </select>
  `;
}
