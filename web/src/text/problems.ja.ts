import type { en } from "./problems.en";

export const ja = {
  UNAUTHENTICATED: "ログインの有効期限が切れました。もう一度ログインしてください。",
  FORBIDDEN:
    "この内容は現在のログインでは表示できません。ログインし直すか、別のものを選んでください。",
  CONSENT_REQUIRED: "会員がこのアプリへの提供に同意していない項目です。同意を依頼してください。",
  POSTCARD_IN_TRANSIT:
    "お送りしたはがきに記載の認証パスワードを入力すると、使用量と請求が表示されます。",
  NOT_YET_AVAILABLE: "まだ表示できません。しばらくしてからご確認ください。",
  NOT_YET_AVAILABLE_UNTIL: "{day}から表示できます。",
  NOT_FOUND: "見つかりません。お客さまのものでない可能性もあります。別のものを選んでください。",
  LINK_ENDED: "このリンクの有効期限が切れました。もう一度ダウンロードしてください。",
  BAD_INPUT: "アドレスまたは入力内容に誤りがあります。確認するか、最初の画面に戻ってください。",
  RANGE_TOO_LARGE: "期間が長すぎるか、過去すぎます。短い期間か、新しい期間を選んでください。",
  DOCUMENT_NOT_REGISTERED: "このページは古くなりました。再読み込みしてください。",
  PERSISTED_QUERY_NOT_FOUND: "このページは古くなりました。再読み込みしてください。",
  LIMIT_EXCEEDED:
    "一度に多くの操作が行われました。このページの他のウィンドウを閉じるか、しばらくお待ちください。",
  RATE_LIMITED: "短い時間に多くの操作が行われました。しばらく待ってからもう一度お試しください。",
  RATE_LIMITED_FOR: "短い時間に多くの操作が行われました。{seconds}秒後にもう一度お試しください。",
  UNAVAILABLE: "現在サービスに接続できません。数分後にもう一度お試しください。",
  INTERNAL: "システムで問題が発生しました。時間をおいてもう一度お試しください。",
  INTERNAL_KNOWN_AS:
    "システムで問題が発生しました。時間をおいてもう一度お試しください。続く場合はこの番号をお知らせください: {requestId}",
  NETWORK: "サーバーに接続できません。通信環境を確認して、もう一度お試しください。",
  TIMEOUT: "応答に時間がかかりすぎています。もう一度お試しください。",
} satisfies Record<keyof typeof en, string>;
