"""What happens to how somebody signs in is theirs alone: every entry of identity's has a word of `OWN_ENTRIES`."""

from app.identity.api import OWN_ENTRIES
from tests.architecture.test_hooks import beginning, entries

OPEN = {"person": "that there is an account, and what became of it"}
"""Words of entries that who acts for somebody reads too."""


def test_every_entry_about_credentials_is_for_the_person_alone() -> None:
    found = [beginning(source, call.args[1]) for source, call in entries() if source.path.startswith("app/identity/")]
    assert len(found) > len(OPEN)
    assert {str(type).partition(".")[0] for type in found} - OWN_ENTRIES == set(OPEN)
