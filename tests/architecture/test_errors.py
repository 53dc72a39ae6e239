"""The page of errors names every code and rule that the platform raises."""

from app.cli import cli
from app.error_codes import codes, rules
from app.errors_page import page
from prescriptions.rules.orders import LIVE, OrderState, refusal
from tests.architecture.sources import ROOT


def test_the_page_is_that_of_the_code() -> None:
    assert "errors" in cli.commands
    known, broken = codes(), rules()
    said = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert said == page(known, broken), "stale: python -m app.cli errors > docs/errors.md"
    told = {(one.word, one.status) for one in known | broken if one.meaning}
    assert {(one.word, one.status) for one in known | broken} == told, "app/error_tables.py says what is not said there"
    assert {"idempotency_key_reused", "order_live", "evidence_stale", "invalid_input"} <= {one.word for one in known}
    steps = {refusal(state, needed) for state in OrderState for needed in LIVE}
    assert steps <= {one.word for one in known}
    assert {"duplicate_ingredient", "first_visit", "registration_missing", "length"} <= {one.word for one in broken}
