"""Runs one program so that it dies with its supervisor, as another user where asked (started as a script)."""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, death_signal: int, uid: int, gid: int, *, command: list[str]) -> None:
    """Become `command`; the kernel sends `death_signal` when `parent` is gone, however it went.

    The order matters: changing the user clears the request, so it comes after, and the parent may have
    died before it, so that is checked last. Outside Linux only `overturn down` ends the parts.
    """
    os.umask(0o077)
    if (uid, gid) != (os.getuid(), os.getgid()):
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit("the supervisor is gone")
    os.execv(command[0], command)  # noqa: S606 - becoming the program is what this file is for


if __name__ == "__main__":
    numbers = [int(number) for number in sys.argv[1:5]]
    main(*numbers, command=sys.argv[5:])
