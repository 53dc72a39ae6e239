"""For how long a device is known, and how its token looks. Pure."""

from datetime import timedelta

DEVICE_ID = "dvc"
KNOWN_FOR = timedelta(days=90)
"""After the last sign-in on it. Carriers give a number to somebody else after it was silent for about so long: whoever
signs in with such a number does so on a device that is not known (any more).
"""
LONGEST_NAME = 40
LONGEST_TOKEN = 200
SOME_BROWSER = "浏览器 Browser"
_BROWSERS = (
    ("MicroMessenger", "微信 WeChat"), ("Edg", "Edge"), ("OPR", "Opera"), ("HuaweiBrowser", "Huawei"),
    ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
"""What browsers write into `User-Agent`, those first that call themselves by the name of others too."""
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_name(user_agent: str) -> str:
    """How a browser stands in the list of devices, so that its person tells one from another; no more of it is kept."""
    found = [next((name for word, name in names if word in user_agent), None) for names in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, found)) or SOME_BROWSER
