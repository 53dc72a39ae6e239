"""What happens to how somebody signs in is theirs alone: every entry of identity's is own."""

from app.identity.api import OWN_ENTRIES, OWN_TYPES
from tests.architecture.test_hooks import beginning, entries

OPEN = {"person.registered": "that there is an account"}
"""Types of entries that who acts for somebody reads too."""


def test_every_entry_about_credentials_is_for_the_person_alone() -> None:
    found = [beginning(source, call.args[1]) for source, call in entries() if source.path.startswith("app/identity/")]
    types = {str(type) for type in found}
    assert {type for type in types if type.partition(".")[0] not in OWN_ENTRIES} == set(OPEN) | OWN_TYPES
