"""Somebody at work is called to what a colleague has handed on, and does not wait for the end of their pause."""

from threading import Event, Lock
from typing import Any

from deploy.demo.people import Person, World
from deploy.demo.working import Desk

PAUSES = (600.0,)
SECONDS = 10


class Queue(Person):
    """Somebody whose queue is at hand."""

    def __init__(self, *waiting: str) -> None:
        super().__init__(World("", ""), "somebody")
        self.waiting, self.lock, self.looked = [{"id": one} for one in waiting], Lock(), Event()

    def do(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        with self.lock:
            found, self.waiting = self.waiting, []
        self.looked.set()
        return {"data": found}


def test_who_is_called_looks_at_once() -> None:
    second, done = Queue(), Event()
    preparing = Desk(second, "", lambda *_: done.set(), pauses=PAUSES)
    with preparing:
        assert second.looked.wait(SECONDS)
        second.waiting.append({"id": "handed on"})
        with Desk(Queue("first"), "", lambda *_: None, preparing, PAUSES):
            assert done.wait(SECONDS)


def test_who_leaves_does_not_wait_for_the_end_of_a_pause() -> None:
    person = Queue()
    with Desk(person, "", lambda *_: None, pauses=PAUSES) as desk:
        assert person.looked.wait(SECONDS)
    desk.check()
