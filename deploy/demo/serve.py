"""A platform that stays up: addresses, one sign-in per kind of user, and where its API is described."""

import signal
import threading
from contextlib import ExitStack
from pathlib import Path

from deploy.demo import onboarding
from deploy.demo.people import Person, World
from deploy.demo.running import Running, started
from deploy.demo.steps import Progress


def serve(place: Path) -> None:
    """Start everything, make one tenant of each kind, print how to sign in, and wait to be interrupted or ended."""
    told = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: told.set())
    with ExitStack() as stack:
        running = started(stack, place, Progress(show=False))
        _announce(running)
        told.wait()
        print("\nstopping", flush=True)


def _announce(running: Running) -> None:
    quiet = Progress(show=False)
    world = World(running.platform, running.sms)
    operator = onboarding.operator(world, running.invite_operator(), quiet)
    tenants = onboarding.all_five(world, operator, quiet)
    resident = Person(world, "resident")
    resident.sign_in()
    print(f"platform         {running.platform}")
    print(f"API description  {running.platform}/docs/")
    print(f"SMS sandbox      {running.sms}/sandbox/messages?to=<phone>   (codes arrive here)")
    print("\nsign in with POST /api/v1/sign-in-codes and /api/v1/sign-ins:")
    print(f"  {'platform operator':<34} {operator.phone}")
    for tenant in tenants.values():
        print(f"  {'administrator, ' + tenant.kind:<34} {tenant.administrator.phone}")
    print(f"  {'resident':<34} {resident.phone}\n\ninterrupt to stop", flush=True)
