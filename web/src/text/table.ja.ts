import type { en } from "./table.en";

export const ja = {
  "sort.ascending": "昇順",
  "sort.descending": "降順",
  copy: "表をコピー",
  copied: "{n}行をコピーしました。",
  "copy.failed": "ブラウザーがコピーを許可しませんでした。行を選択してコピーしてください。",
  pages: "表のページ",
  first: "最初のページ",
  previous: "前のページ",
  next: "次のページ",
  last: "最後のページ",
  page: "ページ",
  of: "/ {pages}",
  shown: "{rows}行中 {first}〜{last}行",
} satisfies Record<keyof typeof en, string>;
