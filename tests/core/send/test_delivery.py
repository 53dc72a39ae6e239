"""Webhooks with two real worker processes and real receivers."""

import itertools
import os
import time
from collections import Counter

import pytest
from standardwebhooks import Webhook

from app.core.crypto import KEY_LENGTH, Cipher
from app.core.errors import NotFound, WrongState
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.send.models import EndpointState
from app.core.send.resend import resend
from app.core.unit import run
from tests.core.journal.scenes import BY, chain, eventually, rows
from tests.core.send.scenes import Held, announce, attempts, deliveries, heard_by, hurry, listening
from tests.platform import Platform, new_tenant
from tests.receiver import Heard, Receiver, hear

pytestmark = pytest.mark.usefixtures("workers")
TRIES = 4


def endpoint_states(platform: Platform, scope: Scope) -> list[str]:
    query = "SELECT state FROM webhook_endpoints WHERE tenant_id = %s ORDER BY id"
    return [row[0] for row in rows(platform, query, scope.tenant)]


def all_are(platform: Platform, scope: Scope, state: str, count: int = 1) -> None:
    eventually(lambda: [row[0] for row in deliveries(platform, scope)] == [state] * count)


def test_every_endpoint_gets_one_signed_delivery(platform: Platform, receiver: Receiver, second: Receiver) -> None:
    scope = new_tenant()
    secrets = [hear(scope, one.url, ["note.sent"]) for one in (receiver, second)]
    announce(scope)
    all_are(platform, scope, "delivered", 2)
    first, other = receiver.wait(1), second.wait(1)
    assert (len(first), len(other)) == (1, 1)
    assert first[0].id == other[0].id
    for heard, secret in zip((first[0], other[0]), secrets, strict=True):
        event = Webhook(secret).verify(heard.body, heard.headers)
        assert event["id"] == heard.id and event["type"] == "note.sent" and event["seq"] == 1
        assert event["data"] == {"length": len("note 0")}
    assert attempts(platform, scope) == [(1, "delivered", 204, True)] * 2


def test_no_delivery_is_sent_by_two_workers_at_once(platform: Platform, receiver: Receiver) -> None:
    scope = listening(receiver)
    announce(scope, 40)
    all_are(platform, scope, "delivered", 40)
    assert set(Counter(heard.id for heard in receiver.heard).values()) == {1}
    assert {row[1] for row in deliveries(platform, scope)} == {1}


def test_a_receiver_that_comes_back_hears_everything(platform: Platform, receiver: Receiver) -> None:
    scope = listening(receiver)
    receiver.stop()
    announce(scope, 5)
    eventually(lambda: len(attempts(platform, scope)) >= 5)
    receiver.start()
    hurry(platform, scope)
    eventually(lambda: len(heard_by(receiver)) == 5)
    all_are(platform, scope, "delivered", 5)
    assert {row[1] for row in attempts(platform, scope)} == {"connect_failed", "delivered"}


def test_failures_are_retried_by_schedule_until_exhausted(platform: Platform, receiver: Receiver) -> None:
    receiver.behavior = lambda heard, before: 500
    scope = listening(receiver)
    announce(scope)
    all_are(platform, scope, "exhausted")
    assert attempts(platform, scope) == [(number + 1, "status_500", 500, True) for number in range(TRIES)]
    assert len(receiver.heard) == TRIES and len(heard_by(receiver)) == 1
    starts = rows(
        platform, "SELECT started_at FROM delivery_attempts WHERE tenant_id = %s ORDER BY number", scope.tenant
    )
    waits = [(later[0] - earlier[0]).total_seconds() for earlier, later in itertools.pairwise(starts)]
    assert all(wait >= least for wait, least in zip(waits, (0.08, 0.16, 0.24), strict=True))


def test_an_exhausted_delivery_is_sent_again_under_its_id(platform: Platform, receiver: Receiver) -> None:
    receiver.behavior = lambda heard, before: 500 if before < TRIES else 204
    scope = listening(receiver)
    announce(scope)
    all_are(platform, scope, "exhausted")
    delivery = deliveries(platform, scope, "id")[0][0]
    run(scope, lambda unit: resend(unit, delivery), BY)
    all_are(platform, scope, "delivered")
    assert len(heard_by(receiver)) == 1
    assert attempts(platform, scope)[-1] == (TRIES + 1, "delivered", 204, True)
    with pytest.raises(WrongState):
        run(scope, lambda unit: resend(unit, delivery), BY)
    with pytest.raises(NotFound):
        run(scope, lambda unit: resend(unit, new_id()), BY)
    with pytest.raises(NotFound):
        run(new_tenant(), lambda unit: resend(unit, delivery), BY)


def test_a_dead_letter_of_a_disabled_endpoint_stays(platform: Platform, receiver: Receiver) -> None:
    receiver.behavior = lambda heard, before: 500
    scope = listening(receiver)
    announce(scope)
    all_are(platform, scope, "exhausted")
    rows(platform, "UPDATE webhook_endpoints SET state = 'disabled' WHERE tenant_id = %s", scope.tenant)
    with pytest.raises(WrongState):
        run(scope, lambda unit: resend(unit, deliveries(platform, scope, "id")[0][0]), BY)


def test_gone_disables_the_endpoint_and_cancels_what_waits(platform: Platform, receiver: Receiver) -> None:
    receiver.behavior = lambda heard, before: 500 if before < 3 else 410
    scope = listening(receiver)
    announce(scope, 3)
    all_are(platform, scope, "canceled", 3)
    assert endpoint_states(platform, scope) == [EndpointState.DISABLED]
    eventually(lambda: any('"type":"webhook_endpoint.disabled"' in row[4] for row in chain(platform, scope)))
    announce(scope)
    eventually(lambda: len(chain(platform, scope)) == 5)
    assert len(deliveries(platform, scope)) == 3


def test_an_endpoint_disabled_in_flight_is_not_called_again(platform: Platform, receiver: Receiver) -> None:
    held = Held(500)
    receiver.behavior = held
    scope = listening(receiver)
    announce(scope, 4)
    receiver.wait(1)
    eventually(lambda: len(chain(platform, scope)) == 4)
    under_way = len(receiver.heard)
    rows(platform, "UPDATE webhook_endpoints SET state = 'disabled' WHERE tenant_id = %s", scope.tenant)
    held.release()
    all_are(platform, scope, "canceled", 4)
    assert len(receiver.heard) <= max(under_way, 2)  # one stranger's way in each of two workers
    assert len(attempts(platform, scope)) == len(receiver.heard)


def test_a_type_that_its_owner_no_longer_wants_is_not_sent(platform: Platform, receiver: Receiver) -> None:
    receiver.behavior = lambda heard, before: (503, {"retry-after": "3600"})
    scope = listening(receiver)
    announce(scope)
    eventually(lambda: deliveries(platform, scope) == [("pending", 1)])
    rows(platform, "UPDATE webhook_endpoints SET types = '[]' WHERE tenant_id = %s", scope.tenant)
    hurry(platform, scope)
    all_are(platform, scope, "canceled")
    assert len(receiver.heard) == 1


def test_retry_after_is_honored(platform: Platform, receiver: Receiver) -> None:
    receiver.behavior = lambda heard, before: (429, {"retry-after": "3600"})
    scope = listening(receiver)
    announce(scope)
    eventually(lambda: deliveries(platform, scope) == [("pending", 1)])
    wait = rows(
        platform, "SELECT due_at > now() + interval '59 minutes' FROM deliveries WHERE tenant_id = %s", scope.tenant
    )
    assert wait == [(True,)]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_never_followed(
    platform: Platform, receiver: Receiver, second: Receiver, status: int
) -> None:
    receiver.behavior = lambda heard, before: (status, {"location": second.url})
    scope = listening(receiver)
    announce(scope)
    all_are(platform, scope, "exhausted")
    assert {row[1] for row in attempts(platform, scope)} == {f"status_{status}"}
    assert second.heard == []


def test_a_hanging_receiver_delays_nobody_else(platform: Platform, receiver: Receiver, second: Receiver) -> None:
    held = Held()
    receiver.behavior = held
    slow = [listening(receiver) for _ in range(20)]
    for scope in slow:
        announce(scope, 3)
    receiver.wait(20)
    quick = listening(second)
    started = time.monotonic()
    announce(quick, 3)
    assert len(second.wait(3, seconds=2)) == 3
    assert time.monotonic() - started < 2
    held.release()


def test_the_other_endpoints_of_a_tenant_do_not_wait_either(
    platform: Platform, receiver: Receiver, second: Receiver
) -> None:
    held = Held()
    receiver.behavior = held
    scope = listening(receiver, second)
    announce(scope, 30)
    assert len({heard.id for heard in second.wait(30, seconds=10)}) == 30
    assert {row[1] for row in attempts(platform, scope)} == {"delivered", "sent_unknown"}
    held.release()
    all_are(platform, scope, "delivered", 60)


def test_an_attempt_is_written_before_its_request(platform: Platform, receiver: Receiver) -> None:
    held = Held()
    receiver.behavior = held
    scope = listening(receiver)
    announce(scope)
    receiver.wait(1)
    assert attempts(platform, scope) == [(1, "sent_unknown", None, False)]
    assert deliveries(platform, scope) == [("sending", 1)]
    held.release()
    all_are(platform, scope, "delivered")


@pytest.mark.parametrize("late", [204, 410, 500])
def test_a_lease_that_ended_is_taken_over_and_the_late_result_ignored(
    platform: Platform, receiver: Receiver, late: int
) -> None:
    held = Held(late)

    def behave(heard: Heard, before: int) -> int:
        return held(heard, before) if before == 0 else 503

    receiver.behavior = behave
    scope = listening(receiver)
    announce(scope)
    receiver.wait(1)
    hurry(platform, scope)
    all_are(platform, scope, "exhausted")
    first = [(1, "sent_unknown", None, False)]
    assert attempts(platform, scope) == first + [(n, "status_503", 503, True) for n in range(2, TRIES + 1)]
    held.release()
    eventually(lambda: attempts(platform, scope)[0][3])
    assert attempts(platform, scope)[0][:3] == (1, "delivered" if late == 204 else f"status_{late}", late)
    assert deliveries(platform, scope) == [("exhausted", TRIES)]
    assert endpoint_states(platform, scope) == ["active"]
    assert len(heard_by(receiver)) == 1


@pytest.mark.parametrize("late", [204, 410, 500])
def test_a_late_result_leaves_the_present_holder_alone(platform: Platform, receiver: Receiver, late: int) -> None:
    first, second_try = Held(late), Held()
    receiver.behavior = lambda heard, before: (second_try if before else first)(heard, before)
    scope = listening(receiver)
    announce(scope)
    receiver.wait(1)
    hurry(platform, scope)
    receiver.wait(2)
    first.release()
    eventually(lambda: attempts(platform, scope)[0][3])
    assert deliveries(platform, scope) == [("sending", 2)]
    assert endpoint_states(platform, scope) == ["active"]
    second_try.release()
    all_are(platform, scope, "delivered")


def test_gone_from_a_former_address_disables_nothing(platform: Platform, receiver: Receiver, second: Receiver) -> None:
    held = Held(410)
    receiver.behavior = held
    scope = listening(receiver)
    announce(scope)
    receiver.wait(1)
    rows(platform, "UPDATE webhook_endpoints SET url = %s WHERE tenant_id = %s", second.url, scope.tenant)
    held.release()
    assert len(second.wait(1)) == 1
    all_are(platform, scope, "delivered")
    assert endpoint_states(platform, scope) == ["active"]


def test_a_secret_that_no_key_opens_is_a_failed_try(platform: Platform, receiver: Receiver) -> None:
    scope = listening(receiver)
    sealed = Cipher({9: os.urandom(KEY_LENGTH)}).seal(b"whsec_", "elsewhere")
    rows(platform, "UPDATE webhook_endpoints SET secret = %s WHERE tenant_id = %s", sealed, scope.tenant)
    announce(scope, 2)
    all_are(platform, scope, "exhausted", 2)
    tries = sorted([(n, "secret_unreadable", None, True) for n in range(1, TRIES + 1)] * 2)
    assert sorted(attempts(platform, scope)) == tries
    assert receiver.heard == []
