"""Becomes another program that ends with its owner. Run as a script, by `deploy.postgres` and `deploy.processes`.

Arguments: the owner's process id, the user and group ids to run as, and the program with its arguments. A
script of its own because what runs between fork and exec in a process with threads may not take locks; it
starts as the caller because the server's account may not be able to read the interpreter's files.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def become(user: int, group: int) -> None:
    """Give up root for good; nothing to do for anybody else."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)


def end_with(owner: int) -> None:
    """Ask for SIGINT (to PostgreSQL a fast shutdown) when the owner ends. Linux forgets this at a change of user."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
    if os.getppid() != owner:
        sys.exit("the owner has ended already")


def main(arguments: list[str]) -> None:
    """Replace this process by the program."""
    owner, user, group = map(int, arguments[:3])
    os.umask(0o077)
    become(user, group)
    end_with(owner)
    # Python ignores SIGPIPE and an ignored signal survives exec; the program expects the default.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execv(arguments[3], arguments[3:])  # noqa: S606 - the launcher gives a full path, no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
