"""A helper process that interrupts gdb when a limit has passed, and ends it when that did not help.

gdb runs one command at a time and cannot time itself: a user's `continue` would never come back.
"""
import os
import select
import signal
import time

GRACE_SECONDS = 2


class Watchdog:
    """Ends with gdb: its pipe closes."""

    def __init__(self, seconds):
        reader, self.writer = os.pipe()
        target = os.getpid()
        child = os.fork()
        if child == 0:
            try:
                if os.fork() == 0:
                    os.close(self.writer)
                    os.closerange(0, reader)
                    os.closerange(reader + 1, 256)
                    guard(reader, target, seconds)
            finally:
                os._exit(0)
        os.close(reader)
        os.waitpid(child, 0)

    def allow(self, seconds):
        """From now on, this many seconds more."""
        os.write(self.writer, b"%d\n" % seconds)


def guard(reader, target, seconds):
    escalation = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
    deadline = time.monotonic() + seconds
    while True:
        ready, _, _ = select.select([reader], [], [], max(0, deadline - time.monotonic()))
        if ready:
            data = os.read(reader, 4096)
            if not data:
                return
            deadline = time.monotonic() + int(data.split()[-1])
            escalation = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
            continue
        if not escalation:
            return
        os.kill(target, escalation.pop(0))
        deadline = time.monotonic() + GRACE_SECONDS
