"""What is clinical stays inside: encrypted at rest, absent from journals; looks leave a mark."""

from app.core.scope import Scope
from prescriptions import queries
from prescriptions.rules.reviews import ReviewReason
from prescriptions.service import reviewing
from tests.core.journal.scenes import chain
from tests.prescriptions.scenes import (
    ANSWER,
    NAME,
    NOTE,
    QUESTION,
    Ward,
    known,
    line,
    person_of,
    resident,
)
from tests.standing import where_they_stand

ASSESSMENT = "病情稳定，可长期用药"
LINE_NOTE = "餐前半小时"
CLINICAL = (NOTE, QUESTION, ANSWER, ASSESSMENT, LINE_NOTE, "高血压病", "I10.x09")


def lived(ward: Ward) -> tuple[Scope, object]:
    """A prescription that went through everything, with words at every step."""
    taken = ward.taken(line(note=LINE_NOTE), assessment=ASSESSMENT)
    reviewing.query(ward.reviewer, ward.review(taken), ReviewReason.INTERACTION, QUESTION)
    reviewing.confirm(ward.doctor, known(taken), ANSWER)
    reviewing.take(ward.reviewer, ward.review(taken))
    passed = reviewing.let_pass(ward.reviewer, ward.review(taken), ())
    ward.settle(person_of(passed))
    return person_of(passed), passed


def test_nothing_clinical_can_be_read_in_the_database(ward: Ward) -> None:
    lived(ward)
    found = where_they_stand(ward.platform, [*CLINICAL, NAME])
    assert found.pop(NAME) == ["medicines"], "the formulary is no secret, what a person takes is"
    assert found == {words: [] for words in CLINICAL}


def test_no_entry_says_anything_clinical(ward: Ward) -> None:
    person, passed = lived(ward)
    told = "".join(str(entry) for scope in (ward.scope, person) for entry in chain(ward.platform, scope))
    assert "prescription.ready" in told
    assert "prescription_review.passed" in told
    assert [words for words in (*CLINICAL, NAME, "张三", "C08CA01") if words in told] == []
    assert [words for words in (*CLINICAL, NAME, "张三", "C08CA01") if words in repr(passed)] == []


def test_staff_leaves_a_mark_and_the_resident_none(ward: Ward) -> None:
    signed = ward.signed()
    with ward.platform.connection() as connection:
        connection.execute("DELETE FROM looks WHERE tenant_id = %s", [ward.scope.tenant])
        connection.commit()
        for viewer in (resident(signed.row.resident_id), ward.doctor, ward.reviewer):
            queries.prescription_of(viewer, known(signed))
        found = connection.execute("SELECT actor, purpose FROM looks WHERE tenant_id = %s", [ward.scope.tenant])
        assert set(found.fetchall()) == {(who.by.actor, "prescription") for who in (ward.doctor, ward.reviewer)}
