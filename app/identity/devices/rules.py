"""For how long a device is known, and how its token looks. Pure."""

from datetime import timedelta

DEVICE_ID = "dvc"
KNOWN_FOR = timedelta(days=90)
"""After the last sign-in on it. Carriers give a number to somebody else after it was silent for about so long: whoever
signs in with such a number does so on a device that is not known (any more).
"""
LONGEST_NAME = 40
LONGEST_TOKEN = 200
