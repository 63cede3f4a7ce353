"""Says where running threads are: reads thread ids, one a line, and answers each with a line of its own, until `end`,

    4711 at 0x7f40851a1234
    4711 late                              it did not stop within two seconds, or has ended
    4711 refused Operation not permitted

Runs in gdb's Python, for its interpreter alone: gdb itself looks at nothing here. Each thread is stopped by ptrace for
some microseconds, as soon as it has a core to stop on; a signal that arrives in that moment is handed on. No thread is ever left stopped: the kernel lets
it run when this process ends, and one that stopped late is let go as soon as it has.
"""
import ctypes
import os
import platform
import select
import struct
import time

REQUESTS = {"getregset": 0x4204, "seize": 0x4206, "interrupt": 0x4207, "detach": 17}
PTRACE_EVENT_STOP = 128
NT_PRSTATUS = 1
WALL = 0x40000000
PATIENCE_S = 2
FIRST_STEP_S, LONGEST_STEP_S = 0.00005, 0.002
# Bytes of struct user_regs_struct, and where it holds the program counter (sys/user.h)
REGISTERS = {"x86_64": (216, 128), "aarch64": (272, 256)}.get(platform.machine())

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def ptrace(request, tid, address=None, data=None):
    return libc.ptrace(REQUESTS[request], tid, address, data)


def read_pc(tid):
    size, offset = REGISTERS
    buffer = ctypes.create_string_buffer(size)
    vector = Vector(ctypes.addressof(buffer), size)
    if ptrace("getregset", tid, NT_PRSTATUS, ctypes.addressof(vector)) != 0:
        return None
    return struct.unpack_from("<Q", buffer.raw, offset)[0]


def let_go(tid, status):
    """A stop for a signal that was on its way hands it on; any other stop is ours, or a group stop, and hands on nothing."""
    ours = status >> 16 == PTRACE_EVENT_STOP
    ptrace("detach", tid, None, None if ours else os.WSTOPSIG(status))


def stopped(tid):
    """The status of a thread's stop, 0 while it has not stopped, None when it has ended."""
    try:
        found, status = os.waitpid(tid, WALL | os.WNOHANG)
    except ChildProcessError:
        return None
    return 0 if found == 0 else status if os.WIFSTOPPED(status) else None


def ask(tid, late):
    if REGISTERS is None:
        return f"refused not known how on {platform.machine()}"
    if tid in late:
        return "late"
    if ptrace("seize", tid) != 0:
        error = ctypes.get_errno()
        return "late" if error == 3 else f"refused {os.strerror(error)}"
    ptrace("interrupt", tid)
    until = time.monotonic() + PATIENCE_S
    step = FIRST_STEP_S
    status = stopped(tid)
    while status == 0 and time.monotonic() < until:
        time.sleep(step)
        step = min(2 * step, LONGEST_STEP_S)
        status = stopped(tid)
    if status == 0:
        late.add(tid)
    if not status:
        return "late"
    pc = read_pc(tid)
    let_go(tid, status)
    return "late" if pc is None else f"at {pc:#x}"


def settle(late):
    for tid in list(late):
        status = stopped(tid)
        if status == 0:
            continue
        late.discard(tid)
        if status is not None:
            let_go(tid, status)


def main():
    late, text = set(), b""
    while True:
        settle(late)
        if not select.select([0], [], [], 0.001 if late else None)[0]:
            continue
        data = os.read(0, 4096)
        if not data:
            return
        *lines, text = (text + data).split(b"\n")
        for line in lines:
            if line == b"end":
                return
            tid = int(line)
            os.write(1, f"{tid} {ask(tid, late)}\n".encode())


main()
