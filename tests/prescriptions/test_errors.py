"""What stands against acting on an order or a prescription is said in words of its own."""

from prescriptions.routing_errors import AGAINST, stands_against
from prescriptions.rules.orders import Against


def test_each_reason_has_words_of_its_own() -> None:
    assert set(Against) <= AGAINST.keys()
    assert len(set(AGAINST.values())) == len(AGAINST)
    refused = stands_against(Against.SAME_PERSON)
    assert (refused.code, refused.detail) == ("preparer_verifies", AGAINST["preparer_verifies"])
