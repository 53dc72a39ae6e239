"""Relays with real worker processes, and what an operator does from the command line."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from app.cli import cli
from app.core.carry import TRIES
from app.core.scope import Scope
from deploy.stack import Stack
from tests import warm
from tests.core.journal.scenes import chain, copies, eventually, note_relays, own
from tests.platform import Platform, new_tenant

FAST = {"CLOUD_RELAY_PACE": "0.001"}


@pytest.fixture(scope="module")
def fast(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two workers with short pauses, shared by the tests of this module."""
    with platform.stack(tmp_path_factory.mktemp("fast"), **FAST) as stack:
        stack.start_worker()
        stack.start_worker()
        yield stack


def relay_states(platform: Platform, giver: Scope) -> list[str]:
    return [row[0] for row in own(platform, giver, "state", "relays", order="seq, position")]


def test_order_per_subject_though_several_workers_run(platform: Platform, fast: Stack) -> None:
    taker = new_tenant()
    givers = [new_tenant() for _ in range(3)]
    subjects = [
        str(note_relays(giver, taker, [f"{giver.tenant}/{part}/{number}" for number in range(8)]))
        for giver in givers
        for part in range(3)
    ]
    eventually(lambda: len(chain(platform, taker)) == 72)
    found = own(platform, taker, "source, words", "dummy_copies", order="id")
    heard = {about: [words for source, words in found if source == about] for about in subjects}
    for words in heard.values():
        assert words == sorted(words) and len(words) == 8
    eventually(lambda: all(set(relay_states(platform, giver)) == {"acknowledged"} for giver in givers))


def test_an_operator_finds_a_stuck_relay_and_answers_it(platform: Platform, fast: Stack) -> None:
    giver, taker = new_tenant(), new_tenant()
    note_relays(giver, taker, ["defect", "behind"])
    note_relays(giver, taker, ["beside"])
    eventually(lambda: relay_states(platform, giver) == ["stuck", "pending", "acknowledged"])
    (relay, tries), *_ = own(platform, giver, "id, tries", "relays", order="seq")
    assert tries == TRIES

    listed = warm.command_line("relays", "stuck", environ=platform.environ)
    assert listed.returncode == 0
    mine = [line.split("\t") for line in listed.stdout.splitlines() if str(giver) in line]
    assert mine == [[str(giver), str(relay), str(taker), "note.offered", "1", str(TRIES), "RuntimeError"]]

    answered = warm.command_line("relays", "answer", str(giver), str(relay), "--code", "lost", environ=platform.environ)
    assert answered.returncode == 0, answered.stderr
    eventually(lambda: "behind" in copies(platform, taker))
    assert own(platform, giver, "answer", "relays", order="seq")[0][0] == {
        "answered_by": "system:operator",
        "code": "lost",
    }
    eventually(lambda: any('"type":"relay.answered"' in row[4] for row in chain(platform, giver)))


def test_an_operator_has_a_stuck_relay_tried_again(platform: Platform, fast: Stack) -> None:
    giver, taker = new_tenant(), new_tenant()
    note_relays(giver, taker, ["defect"])
    eventually(lambda: relay_states(platform, giver) == ["stuck"])
    (relay,) = own(platform, giver, "id", "relays")[0]
    retried = warm.command_line("relays", "retry", str(giver), str(relay), environ=platform.environ)
    assert retried.returncode == 0, retried.stderr
    eventually(lambda: _logged(fast, "relay_stuck", str(relay)) == 2)
    assert relay_states(platform, giver) == ["stuck"]


def _logged(stack: Stack, event: str, about: str) -> int:
    lines = [line for log in stack.logs.glob("*.log") for line in log.read_text().splitlines()]
    return len([line for line in lines if event in line and about in line])


def test_an_unknown_relay_is_named(platform: Platform) -> None:
    answered = warm.command_line(
        "relays", "retry", "tenant:1", "0195d0c0-0000-7000-8000-000000000000", environ=platform.environ
    )
    assert answered.returncode == 1
    assert answered.stderr == "Error: Not found\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["retry", "key:1", "0195d0c0-0000-7000-8000-000000000000"], "a scope is"),
        (["answer", "tenant:1", "0195d0c0-0000-7000-8000-000000000000"], "--code"),
        (["retry", "tenant:1", "abc"], "UUID"),
    ],
    ids=["no scope", "no code", "no id"],
)
def test_an_operators_mistake_is_named(words: list[str], said: str) -> None:
    answered = CliRunner().invoke(cli, ["relays", *words])
    assert answered.exit_code == 2
    assert said in answered.stderr


def test_scopes_that_cannot_move_on_hold_up_no_others(platform: Platform, fast: Stack) -> None:
    giver, taker = new_tenant(), new_tenant()
    headless = [Scope.for_tenant(2**52 + 100 + number) for number in range(220)]
    for scope in headless:
        note_relays(scope, taker, ["lost"])
    note_relays(giver, taker, ["hello"])
    eventually(lambda: copies(platform, taker) == ["hello"])
