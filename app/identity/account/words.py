"""What the account's pages are called, and how they say what is wrong and when something was. Pure."""

from collections.abc import Mapping
from datetime import datetime

from app.core.calendar import ZONE
from app.core.errors import Problem

NAMES = ("overview", "devices", "passkeys", "password", "authenticators", "phone", "apps", "notices")
"""The pages, as their addresses name them; the first is the account's own."""
Words = tuple[str, str]
"""In Chinese and in English."""
_PASSKEY = ("没有接受该通行密钥，请重试。", "The passkey was not accepted. Try again.")
_LATER = ("暂时无法完成，请稍后再试。", "This is not possible now. Try again later.")
_CODES = ("每个号码一分钟内最多发送一次验证码，请稍后再试。", "A number gets a code a minute at most. Try again later.")
_WRONG: Mapping[str, Words] = {
    "name": ("请填写名称，最多 40 个字。", "Enter a name of at most 40 characters."),
    "proof.code": ("请填写验证码或恢复码。", "Enter a code, or a recovery code."),
    "phone.code": ("请填写发送到新号码的六位验证码。", "Enter the six digits that were sent to the new number."),
    "code": ("请填写应用显示的六位验证码。", "Enter the six digits that the app shows."),
    "not_shown": (
        "内容中有不可见的字符（有些表情符号中也有），请删去后重试。",
        "It holds a character that is not shown, as some emoji do. Remove it and try again.",
    ),
    "code_not_accepted": (
        "验证码不正确或已使用过，请输入新的验证码。",
        "The code is wrong or was used. Enter a new one.",
    ),
    "too_many_tries": ("尝试过于频繁，请稍后再试。", "Too many tries. Try again later."),
    "too_many_authenticators": ("身份验证器已达上限，请先移除一个。", "You have as many as you may. Remove one first."),
    "too_many_passkeys": ("通行密钥已达上限，请先移除一个。", "You have as many as you may. Remove one first."),
    "authenticator_active": ("该身份验证器已启用。", "This authenticator counts already."),
    "second_factor_missing": ("请先添加身份验证器或通行密钥。", "Add an authenticator or a passkey first."),
    "passkey_known": ("您已有该通行密钥。", "You have this passkey already."),
    "passkey_not_accepted": _PASSKEY,
    "passkey_stopped": (
        "该通行密钥可能已被复制，已停用。",
        "Somebody may have a copy of this passkey, so it was stopped.",
    ),
    "passkey": _PASSKEY,
    "credential": _PASSKEY,
    "phone": ("请填写手机号码，例如 13912345678。", "Enter a mobile number, for example 13912345678."),
    "former_code": ("请填写发送到原号码的六位验证码。", "Enter the six digits that were sent to your present number."),
    "former_number_required": (
        "请同时证明原号码，或使用已添加满七天的身份验证器或通行密钥。",
        "Prove the present number too, unless you have had an authenticator or a passkey for a week.",
    ),
    "phone_not_available": ("您的账号无法使用这个号码。", "Your account cannot have this number."),
    "phone_unchanged": ("这就是您现在的号码，请填写新的号码。", "This is your present number. Enter another one."),
    "phone_missing": ("您的账号没有手机号码。", "Your account has no number."),
    "phone_changed_meanwhile": ("您的号码刚刚已更改。", "Your number was changed meanwhile."),
    "too_many_codes": _CODES,
    "too_many_codes_from_address": _CODES,
    "too_many_codes_from_person": (
        "您请求验证码过于频繁，请稍后再试。",
        "You asked for many codes. Try again later.",
    ),
    "stale_version": ("内容已在别处更改，请重试。", "It was changed elsewhere meanwhile. Try again."),
    "password": (
        "请填写密码：最多 128 个字符，不能包含无法输入的字符。",
        "Enter a password of at most 128 characters that can be typed.",
    ),
    "too_short": (
        "密码太短：至少 12 个字符；已启用身份验证器的至少 8 个。",
        "Too short: at least 12 characters, 8 with an authenticator.",
    ),
    "too_long": ("密码太长：最多 128 个字符。", "Too long: at most 128 characters."),
    "too_common": ("这个密码太常见，容易被猜到。", "Too common: others would try this early."),
    "about_yourself": ("密码中包含他人知道的您的信息。", "This is known about you."),
    "form_expired": ("表单已过期，请再提交一次。", "The form has expired. Send it again."),
    "not_found": ("该项已不存在。", "It is not there any more."),
}


def wrong_of(problem: Problem, page: str) -> Words:
    """What `page` says of `problem`; of a payload, of the first rule that it breaks."""
    rules = [fault.rule for fault in problem.faults]
    rule = rules[0] if rules else problem.code
    return _WRONG.get(f"{page}.{rule}") or _WRONG.get(rule, _LATER)


def moment(at: datetime) -> str:
    """The local minute."""
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"
