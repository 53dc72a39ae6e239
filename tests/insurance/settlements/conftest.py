"""The scheme's program, a pharmacy and a hospital."""

from collections.abc import Iterator

import pytest

from app.core.http import Policy
from deploy.demo.partners import Scheme
from insurance.connectors.scheme import connect_schemes
from insurance.connectors.scheme import scheme as asking
from tests.insurance.scenes import Insurer, World
from tests.insurance.settlements.liars import Liar, lying
from tests.insurance.settlements.scheme_scenes import ACCOUNT, SchemeMember, scheme_member
from tests.insurance.settlements.settlement_scenes import Pharmacy, VisitHospital, pharmacy, visit_hospital
from tests.platform import Platform


@pytest.fixture(scope="package")
def running_scheme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scheme]:
    scheme = Scheme.start(tmp_path_factory.mktemp("scheme"))
    yield scheme
    scheme.process.stop()


@pytest.fixture
def scheme(running_scheme: Scheme) -> Iterator[Scheme]:
    """The public scheme, which works until it is told otherwise."""
    connect_schemes(Policy.loopback())
    running_scheme.faults()
    yield running_scheme
    asking().close()


@pytest.fixture
def chemist(world: World) -> Pharmacy:
    """A fresh pharmacy."""
    return pharmacy(world)


@pytest.fixture
def hospital(world: World, platform: Platform) -> VisitHospital:
    """A fresh hospital that holds visits online."""
    return visit_hospital(world, platform)


@pytest.fixture
def insurer(world: World) -> Insurer:
    """The scheme's own tenant."""
    return world.insurer("public_scheme")


@pytest.fixture
def member(world: World, scheme: Scheme, insurer: Insurer, chemist: Pharmacy) -> SchemeMember:
    """A member for whom the pharmacy may ask."""
    chemist.connect(scheme, insurer)
    return scheme_member(world, scheme, insurer, deductible=10_000, account_balance=ACCOUNT)


@pytest.fixture
def liar() -> Iterator[Liar]:
    """Another scheme, which says what it is told to say."""
    with lying() as running:
        yield running
