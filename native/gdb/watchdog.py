"""A helper process that ends gdb when a limit has passed, and sees to it that the target is not left stopped.

gdb runs one command at a time and cannot time itself: a user's `continue` would never come back. SIGTERM makes it let the
target go and quit. SIGINT is of no use: gdb hands it on to the target, which may die of it.
"""
import os
import select
import signal
import time

import memory

GRACE_SECONDS = 3


class Watchdog:
    """Runs until gdb ends, which closes its pipe. It is no child of gdb's, so that gdb never waits for it."""

    def __init__(self, seconds, emitter, pid):
        reader, self.writer = os.pipe()
        gdb_pid = os.getpid()
        was_stopped = memory.is_stopped(pid)
        child = os.fork()
        if child == 0:
            try:
                if os.fork() == 0:
                    os.setsid()
                    close_others(reader, emitter.descriptor)
                    guard(reader, gdb_pid, seconds, emitter)
                    if not was_stopped:
                        resume(pid)
            finally:
                os._exit(0)
        os.close(reader)
        os.waitpid(child, 0)

    def allow(self, seconds):
        """From now on, this many seconds more."""
        os.write(self.writer, b"%d\n" % seconds)


def close_others(*kept):
    """Ends of pipes that gdb's caller waits on, above all."""
    for descriptor in range(256):
        if descriptor not in kept:
            try:
                os.close(descriptor)
            except OSError:
                pass


def guard(reader, gdb_pid, seconds, emitter):
    """Returns when gdb has ended, by itself or by our hand."""
    ways = [signal.SIGTERM, signal.SIGKILL]
    deadline = time.monotonic() + seconds
    while True:
        ready, _, _ = select.select([reader], [], [], max(0, deadline - time.monotonic()))
        if ready:
            data = os.read(reader, 4096)
            if not data:
                return
            deadline = time.monotonic() + int(data.split()[-1])
        elif ways:
            way = ways.pop(0)
            emitter.emit("trouble", message=f"gdb took too long and was ended ({way.name})")
            os.kill(gdb_pid, way)
            deadline = time.monotonic() + GRACE_SECONDS
        else:
            return


def resume(pid):
    """A gdb that dies while it attaches leaves the process stopped. Without the right to signal it, so it stays."""
    time.sleep(0.05)
    if pid is not None and memory.is_stopped(pid):
        try:
            os.kill(pid, signal.SIGCONT)
        except OSError:
            pass
