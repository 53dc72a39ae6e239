"""Names and numbers are in no table, no log and no entry as anybody could read them."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.identity.passkeys.models import Passkey
from tests.residents.world import RegistryProgram, World, new_bank_card, new_number
from tests.standing import where_they_stand

NAME = "慕容\U0002b740"


@pytest.fixture
def lived(world: World, registry: RegistryProgram) -> Iterator[tuple[set[str], list[object]]]:
    """The secrets of somebody who did everything, and what was logged meanwhile."""
    number, card = new_number(), new_bank_card()
    with capture_logs() as logged:
        person, other, team = world.person(), world.resident(), world.team()
        registry.faults(http_500=1)
        wish = {"name": NAME, "number": number}
        person.refused(503, "POST", "/me/resident/verification", wish)
        person.refused(403, "POST", "/me/resident/verification", {**wish, "name": NAME + "不符"})
        person.do("POST", "/me/resident/verification", wish)
        world.person().refused(409, "POST", "/me/resident/verification", wish)
        made = person.do("POST", "/me/cards", {"kind": "bank_card", "number": card})
        other.refused(409, "POST", "/me/cards", {"kind": "bank_card", "number": card})
        person.do("POST", f"/me/cards/{made['id']}/unbinding")
        contract = person.do("POST", "/family-contracts", {"team": team.id, "package": "basic", "term_years": 1})
        team.doctor.do("POST", f"/family-contracts/{contract['id']}/acceptance")
        world.settle(team.scope, Scope.for_person(person.id), Scope.for_person(other.id))
    yield {number, number[:-1], NAME, card, card[:-4]}, list(logged)


def test_the_whole_database_holds_no_secret(world: World, lived: tuple[set[str], list[object]]) -> None:
    secrets, _ = lived
    shown = "春风家医团队"
    found = where_they_stand(world.platform, [*secrets, shown])
    assert "tenant_profiles" in found.pop(shown)
    assert found == {secret: [] for secret in secrets}


def test_the_search_finds_bytes(world: World) -> None:
    """In a column of bytes that are not encrypted."""
    word = f"字节{new_id()}"

    def show(opened: Unit) -> None:
        opened.add(
            Passkey(
                id=new_id(), name="a", credential_id=new_id().bytes, public_key=word.encode(), sign_count=0,
                transports=[], aaguid=new_id(), backup_eligible=False, backed_up=False, state="active", version=1,
                created_at=opened.now,
            )
        )  # fmt: skip

    run(Scope.for_person(world.person().id), show)
    assert where_they_stand(world.platform, [word]) == {word: ["passkeys"]}


def test_the_logs_hold_no_secret(lived: tuple[set[str], list[object]]) -> None:
    secrets, logged = lived
    text = "".join(map(str, logged))
    assert "/api/v1/me/resident/verification" in text and "registry_unavailable" in text
    assert [secret for secret in secrets if secret in text] == []


def test_what_is_shown_in_errors_holds_no_secret(world: World, lived: tuple[set[str], list[object]]) -> None:
    number = new_number()
    answer = world.person().ask("POST", "/me/resident/verification", {"name": NAME + "1", "number": number[:-1] + "A"})
    assert answer.status_code == 422
    assert NAME not in answer.text and number[:-1] not in answer.text
