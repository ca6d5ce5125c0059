"""What the consent pages say, in Japanese and English."""

from collections.abc import Mapping
from typing import Final

from domain.consents import WishFault
from domain.outbox import Language
from resolvers.refusals import Refusal

_JA: Final = {
    "site": "お客さまデータの連携",
    "other_language": "English",
    "errors": "ご確認ください",
    "error_mark": "エラー",
    "log_in": "ログイン",
    "log_in_why": "「{app}」にデータの閲覧を許可するには、ログインしてください。",
    "portal": "ポータルサイト",
    "login_id": "ログインID",
    "password": "パスワード",
    "keyword": "秘密のキーワード",
    "keyword_why": "新しい機器からのログインです。{position}番目のキーワードを入力してください。",
    "go_on": "次へ",
    "back": "許可せずアプリに戻る",
    "consent": "「{app}」がお客さまのデータの閲覧を求めています",
    "website": "アプリのウェブサイト",
    "logged_in_as": "ログイン中のID：{login_id}",
    "other_account": "別のIDでログインする",
    "facilities": "どのご使用場所について許可しますか",
    "everywhere": "すべて（{count}か所）",
    "no_facilities": "ご使用場所が登録されていないため、許可できるデータがありません。",
    "scopes": "何を見せますか",
    "from": "いつからのデータを見せますか",
    "from_hint": "{first}まで遡れます。",
    "until": "いつまで許可しますか",
    "until_hint": "{last}まで選べます。それより前でもいつでも取り消せます。",
    "replaces": "このアプリへの以前の許可は、今回の内容に置き換わります。",
    "sees_nothing_else": "アプリは閲覧だけができ、変更はできません。パスワードは知らされません。",
    "leads_to": "許可すると {address} に移動します。",
    "approve": "許可する",
    "refuse": "許可しない",
    "duties": "初回ログインの手続きがまだ終わっていません",
    "duties_why": "先にポータルサイトで手続きを終えてから、アプリでもう一度お試しください。",
    "in_transit": "はがきのコードがまだ入力されていません",
    "in_transit_why": (
        "先にポータルサイトではがきのコードを入力してから、アプリでもう一度お試しください。"
    ),
    "wrong_app": "このリンクは使えません",
    "wrong_app_why": (
        "アプリが登録されていないか、戻り先のアドレスが登録と異なります。"
        "アプリの提供元にお問い合わせください。"
    ),
    "old_page": "ページの有効期限が切れました",
    "old_page_why": "もう一度お試しください。",
    "again": "最初からやり直す",
    "unavailable": "ただいまご利用いただけません",
    "unavailable_why": "しばらくしてからもう一度お試しください。",
}
_EN: Final = {
    "site": "Sharing your data",
    "other_language": "日本語",
    "errors": "Please check",
    "error_mark": "Error",
    "log_in": "Log in",
    "log_in_why": "To let “{app}” see your data, log in first.",
    "portal": "Portal",
    "login_id": "Login ID",
    "password": "Password",
    "keyword": "Secret keyword",
    "keyword_why": "You log in from a new device. Enter your keyword number {position}.",
    "go_on": "Continue",
    "back": "Back to the app, allowing nothing",
    "consent": "“{app}” asks to see your data",
    "website": "Website of the app",
    "logged_in_as": "Logged in as {login_id}",
    "other_account": "Log in with another ID",
    "facilities": "For which places?",
    "everywhere": "All of them ({count})",
    "no_facilities": "You have no place of use, so there is nothing that you could share.",
    "scopes": "What may it see?",
    "from": "From which day on may it see data?",
    "from_hint": "{first} is the earliest.",
    "until": "Until when may it see data?",
    "until_hint": "{last} is the latest. You can withdraw at any time before.",
    "replaces": "What you allowed this app before is replaced by this.",
    "sees_nothing_else": "The app can look, and change nothing. It does not learn your password.",
    "leads_to": "You will go on to {address}.",
    "approve": "Allow",
    "refuse": "Do not allow",
    "duties": "Your first log-in is not complete",
    "duties_why": "Complete it on the portal first, then try again in the app.",
    "in_transit": "The code of your postcard is still to be entered",
    "in_transit_why": "Enter it on the portal first, then try again in the app.",
    "wrong_app": "This link does not work",
    "wrong_app_why": (
        "The app is not registered, or the address to go back to is not the registered one. "
        "Ask who makes the app."
    ),
    "old_page": "This page is too old",
    "old_page_why": "Please try again.",
    "again": "Start again",
    "unavailable": "This does not work at the moment",
    "unavailable_why": "Please try again in a while.",
}
TEXTS: Final[Mapping[Language, Mapping[str, str]]] = {Language.JA: _JA, Language.EN: _EN}

_JA_FAULTS: Final = {
    WishFault.NO_FACILITY: "ご使用場所を1つ以上選んでください",
    WishFault.TOO_MANY_FACILITIES: "ご使用場所は1,000か所までです",
    WishFault.OTHER_FACILITY: "ご使用場所を選び直してください",
    WishFault.NO_SCOPE: "見せるものを1つ以上選んでください",
    WishFault.OTHER_SCOPE: "見せるものを選び直してください",
    WishFault.TOO_FAR_BACK: "もっと新しい日付を入力してください",
    WishFault.BEGINS_LATER: "今日までの日付を入力してください",
    WishFault.TOO_LONG: "もっと早い日付を入力してください",
    WishFault.ENDED: "今日以降の日付を入力してください",
}
_EN_FAULTS: Final = {
    WishFault.NO_FACILITY: "Choose at least one place",
    WishFault.TOO_MANY_FACILITIES: "Choose at most 1,000 places",
    WishFault.OTHER_FACILITY: "Choose the places again",
    WishFault.NO_SCOPE: "Choose at least one thing that it may see",
    WishFault.OTHER_SCOPE: "Choose again what it may see",
    WishFault.TOO_FAR_BACK: "Enter a later day",
    WishFault.BEGINS_LATER: "Enter a day up to today",
    WishFault.TOO_LONG: "Enter an earlier day",
    WishFault.ENDED: "Enter today or a later day",
}
FAULT_TEXTS: Final = {Language.JA: _JA_FAULTS, Language.EN: _EN_FAULTS}

_JA_REFUSALS: Final = {
    Refusal.WRONG_LOGIN: "ログインIDまたはパスワードが違います",
    Refusal.LOCKED: "間違いが続いたため、しばらくログインできません",
    Refusal.TOO_MANY_ATTEMPTS: "間違いが続いたため、しばらくしてからお試しください",
    Refusal.WRONG_ANSWER: "キーワードが違います。もう一度ログインしてください",
    Refusal.WRONG_CHALLENGE: "時間がたちました。もう一度ログインしてください",
    Refusal.UNKNOWN_PORTAL: "ポータルサイトを選んでください",
}
_EN_REFUSALS: Final = {
    Refusal.WRONG_LOGIN: "Login ID or password is wrong",
    Refusal.LOCKED: "Too many wrong log-ins: nobody can log in with this ID for a while",
    Refusal.TOO_MANY_ATTEMPTS: "Too many wrong log-ins: wait a while",
    Refusal.WRONG_ANSWER: "The keyword is wrong: log in again",
    Refusal.WRONG_CHALLENGE: "Too much time has passed: log in again",
    Refusal.UNKNOWN_PORTAL: "Choose a portal",
}
REFUSAL_TEXTS: Final = {Language.JA: _JA_REFUSALS, Language.EN: _EN_REFUSALS}
