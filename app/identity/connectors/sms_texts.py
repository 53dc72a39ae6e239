"""The texts that phones show, by template: in Chinese and in English. None says more than that an account is meant."""

from collections.abc import Mapping

from app.core.ports import Message
from app.identity.notices.kinds import Kind
from app.identity.rules import CODE_LIFE, LEFT_TEMPLATE, Purpose

MINUTES = int(CODE_LIFE.total_seconds()) // 60
_HEADS = {"zh-CN": "【云医院】", "en": "Cloud hospital: "}
_TAILS = {
    "zh-CN": "如非本人操作，请登录查看安全提醒。",
    "en": " Not you? Sign in and read your security notices.",
}
_CODES: Mapping[str, Mapping[str, str]] = {
    Purpose.SIGN_IN: {
        "zh-CN": f"登录验证码 {{code}}，{MINUTES} 分钟内有效。请勿告诉任何人。",
        "en": f"your sign-in code is {{code}}, valid for {MINUTES} minutes. Tell it to nobody.",
    },
    Purpose.PHONE_CHANGE: {
        "zh-CN": f"更换手机号验证码 {{code}}，{MINUTES} 分钟内有效。请勿告诉任何人。",
        "en": f"{{code}} is your code to change a number, valid for {MINUTES} minutes. Tell it to nobody.",
    },
    LEFT_TEMPLATE: {
        "zh-CN": "自{at}起，此号码不再用于登录原账号。如非本人操作，请尽快申请找回账号。",
        "en": "since {at} this number opens its account no more. Not you? Ask for the account to be recovered.",
    },
}
"""Texts that are whole by themselves."""
_NOTICES: Mapping[Kind, tuple[str, str]] = {
    Kind.NEW_DEVICE: ("您的账号于{at}在一台新设备上登录。", "your account was signed in to on a new device at {at}."),
    Kind.FACTOR_ADDED: ("您的账号于{at}添加了第二验证方式。", "a second factor was added to your account at {at}."),
    Kind.FACTOR_REMOVED: (
        "您的账号于{at}移除了一种第二验证方式。", "a second factor was removed from your account at {at}.",
    ),
    Kind.PASSKEY_STOPPED: (
        "您的一个通行密钥可能被复制，已于{at}停用。",
        "one of your passkeys may have been copied and was stopped at {at}.",
    ),
    Kind.RECOVERY_CODES_MADE: ("您的账号于{at}生成了新的恢复码。", "new recovery codes were made at {at}."),
    Kind.RECOVERY_CODES_USED_UP: (
        "您的恢复码已于{at}全部用完，请重新生成。", "your last recovery code was used at {at}; make new ones.",
    ),
    Kind.PASSWORD_SET: ("您的账号于{at}设置了密码。", "a password was set for your account at {at}."),
    Kind.PASSWORD_CHANGED: ("您的账号密码已于{at}更改。", "your password was changed at {at}."),
    Kind.PASSWORD_REMOVED: ("您的账号密码已于{at}移除。", "your password was removed at {at}."),
    Kind.CODES_SPENT: (
        "有人于{at}多次输入错误的登录验证码。", "wrong sign-in codes were entered for your number until {at}.",
    ),
    Kind.NUMBER_CONFLICT: (
        "有人于{at}凭您的手机号申请找回账号，未能证明身份。",
        "at {at} somebody with your number asked for your account in vain.",
    ),
    Kind.NUMBER_PARTED: (
        "平台已于{at}将您的手机号与原账号分离。", "your number was parted from your account at {at}.",
    ),
    Kind.IDENTITY_CONFLICT: (
        "有人于{at}用您的身份信息在另一个账号认证，已被拒绝。",
        "at {at} somebody was refused your identity for another account.",
    ),
    Kind.ACCOUNT_HANDED_OVER: (
        "平台已于{at}核对证件，您的号码可在七日内凭验证码登录一次。",
        "papers were checked at {at}: sign in by code within seven days.",
    ),
    Kind.PHONE_CHANGED: ("您账号的手机号码已于{at}更换。", "the number of your account was changed at {at}."),
    Kind.IDENTITY_RELEASED: (
        "平台已于{at}核对证件，您账号的实名认证已取消。",
        "papers were checked at {at}: your name is not verified any more.",
    ),
}  # fmt: skip


def text_of(message: Message) -> str:
    """What the phone shows of `message`."""
    head = _HEADS[message.locale]
    if message.template in _CODES:
        return head + _CODES[message.template][message.locale].format(**message.values)
    told = notice_texts(message.template)[message.locale]
    return head + told.format(**message.values) + _TAILS[message.locale]


def notice_texts(kind: str) -> Mapping[str, str]:
    """What is said of a notice of that kind, by locale; `{at}` stands for the moment."""
    chinese, english = _NOTICES[Kind(kind)]
    return {"zh-CN": chinese, "en": english}
