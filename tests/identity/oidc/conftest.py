"""Apps and people of the provider's tests."""

import pytest

from tests.identity.conftest import Web
from tests.identity.oidc.apps import Browser, Developer, register
from tests.identity.phone import Phone


@pytest.fixture
def developer(web: Web) -> Developer:
    """Somebody with a confidential app."""
    return Developer(web, register())


@pytest.fixture
def browser(web: Web, phone: Phone) -> Browser:
    """A person's browser."""
    return Browser(web, phone)
