import type { en } from "./facilities.en";

export const ja = {
  search: "ご使用場所をさがす",
  hint: "名前・住所・供給地点特定番号・お客さま番号",
  area: "エリア",
  "all areas": "すべてのエリア",
  count: "{n}か所",
  found: "{of}か所中{n}か所",
  "none found": "「{text}」に当てはまるご使用場所はありません。",
  loading: "ご使用場所を読み込んでいます…",
  "loading more": "{of}か所中{n}か所を読み込みました",
  empty: "ご使用場所がまだ登録されていません",
  "empty why":
    "電気のご契約が登録されると、ここに表示されます。すでに電気をお使いの場合は、ご契約の電力会社へお問い合わせください。",
  "no reading": "データなし",
  latest: "{from}〜{to}",
  running: "{from}〜 計量中",
} satisfies Record<keyof typeof en, string>;
