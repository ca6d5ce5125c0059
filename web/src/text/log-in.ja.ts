import type { en } from "./log-in.en";

export const ja = {
  title: "ログイン",
  ended: "ログアウトしました。もう一度ログインすると、元の画面に戻ります。",
  choose: "選択してください",
  portal: "ご利用のポータル",
  "login id": "ログインID",
  password: "パスワード",
  show: "表示",
  "show password": "パスワードを表示",
  "log in": "ログイン",
  "logging in": "ログインしています…",
  "caps lock": "Caps Lock がオンになっています。",
  "case matters": "大文字と小文字を区別します。",
  or: "または",
  "with provider": "{provider}でログイン",
  demo: "架空のデータによるデモです。",
  "demo log in": "デモにログイン",
  "keyword title": "はじめての端末です",
  "keyword why":
    "ご本人の確認のため、新しい端末では「秘密のキーワード」を1つおたずねします。次回からこの端末ではおたずねしません。",
  keyword: "秘密のキーワード({position}番目)",
  answer: "次へ",
  back: "パスワードの入力に戻る",
  "provider said no":
    "外部サービスでのログインが完了しませんでした。もう一度お試しいただくか、パスワードでログインしてください。",
  "not begun here": "このタブで始めた外部ログインではありません。はじめからやり直してください。",
} satisfies Record<keyof typeof en, string>;
