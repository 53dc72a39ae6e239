"""Names and numbers are in no table, no log and no entry as anybody could read them."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from app.core.scope import Scope
from tests.residents.world import RegistryProgram, World, new_bank_card, new_number

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
    forms = secrets | {secret.encode().hex() for secret in secrets}
    with world.platform.connection() as connection:
        tables = [name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        assert {"residents", "identity_numbers", "cards", "person_cards", "family_contracts"} <= set(tables)
        for table in tables:
            for form in forms:
                query = f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s"  # noqa: S608  # names of the catalogue
                assert connection.execute(query.encode(), [f"%{form}%"]).fetchone() == (0,), (table, form)


def test_the_search_would_find_a_secret(world: World) -> None:
    """Both ways in which one could stand there: as text, and as the bytes of a column."""
    team = world.team()
    with world.platform.connection() as connection:
        query = "SELECT t::text FROM tenant_profiles t WHERE tenant_id = %s"
        (row,) = connection.execute(query, [team.scope.tenant]).fetchone() or ("",)
        assert "春风家医团队" in row
        (bytes_,) = connection.execute("SELECT ROW(%s::bytea)::text", ["张三".encode()]).fetchone() or ("",)
        assert "张三".encode().hex() in bytes_


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
