import type { en } from "./duties.en";

export const ja = {
  title: "はじめてのログイン",
  why: "ご利用の前に、一度だけ次の手続きをお願いします。",
  step: "{of}つのうち{n}つ目",
  CONTRACT_PHONE: "電話番号の確認",
  "CONTRACT_PHONE why":
    "電気のご使用開始を申し込まれたときの電話番号を入力してください。ご本人であることを確認します。",
  phone: "ご契約時の電話番号",
  NEW_PASSWORD: "パスワードの変更",
  "NEW_PASSWORD why": "お送りした初回パスワードを、ご自分のパスワードに変更してください。",
  "current password": "現在のパスワード",
  "new password": "新しいパスワード",
  length: "{min}〜{max}文字で入力してください。",
  KEYWORDS: "秘密のキーワードの登録",
  "KEYWORDS why":
    "新しい端末でログインするときに、どれか1つをおたずねします。ご本人だけが分かる言葉を選んでください。",
  keyword: "キーワード{n}",
  "password again": "パスワード(確認のためもう一度)",
  PROFILE: "会員情報の入力",
  "PROFILE why": "このサイトの会員アカウントの情報です。電気のご契約内容は変わりません。",
  optional: "任意",
  "one of": "次のうち、どれか1つは必ず入力してください:{fields}",
  choose: "選択してください",
  postcard: "はがきの認証パスワードの入力",
  "postcard why":
    "ご契約の住所にはがきをお送りしています。記載の認証パスワードを入力すると、ご使用量とご請求をご覧いただけます。",
  code: "はがきの認証パスワード",
  reissue: "はがきをもう一度送る",
  reissued: "新しいはがきをお送りします。前の認証パスワードは使えなくなりました。",
  next: "次へ",
  saving: "保存しています…",
} satisfies Record<keyof typeof en, string>;
