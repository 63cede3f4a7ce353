"""Registers of the stopped process, by architecture.

Sources: Linux arch/x86/entry/calling.h and include/asm/sigframe.h, arch/arm64/kernel/signal.c (before a debugger sees a
thread stopped in a system call, arm64 moves it back to the call's instruction with its first argument restored).
"""
import re

import gdb

import memory

X86_64 = {
    "number": "orig_rax",
    "arguments": ("rdi", "rsi", "rdx", "r10"),
    "thread_pointer": ("fs_base",),
    "general": ("rdi", "rsi", "rax", "rbx", "rcx", "rdx", "rbp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"),
    "stack_pointer": "rsp",
    # rt_sigframe: the stack pointer of the signal frame is at the ucontext (304 bytes); siginfo follows.
    "siginfo_offset": 304,
    # uc_sigmask, the last field of struct ucontext (include/uapi/asm-generic/ucontext.h)
    "mask_offset": 296,
    # A call that is to be made again: the thread stands before its instruction, the number in rax, orig_rax is -1.
    "again": ("rax", b"\x0f\x05"),
    # futex, and restart_syscall: a timed futex wait that a debugger interrupted before
    "futex_calls": (202, 219),
}
AARCH64 = {
    "number": None,
    "arguments": ("x0", "x1", "x2", "x3"),
    "thread_pointer": ("tpidr", "tpidr_el0"),
    "general": tuple(f"x{number}" for number in range(31)),
    "stack_pointer": "sp",
    # rt_sigframe begins with siginfo.
    "siginfo_offset": 0,
    # siginfo has 128 bytes; the ucontext after it has flags, link and stack before its mask.
    "mask_offset": 168,
    "again": ("x8", b"\x01\x00\x00\xd4"),
    "futex_calls": (98, 128),
}
# si_code: SI_USER, SI_QUEUE, SI_TIMER, SI_MESGQ, SI_ASYNCIO, SI_SIGIO, SI_TKILL, SI_KERNEL (asm-generic/siginfo.h)
SI_USER = 0
SENT_CODES = (SI_USER, -1, -2, -3, -4, -5, -6, 128)
# glibc keeps these two for itself (SIGCANCEL, SIGSETXID).
OWN_SIGNALS = (32, 33)
# SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGCHLD, SIGIO, SIGSYS carry codes of their own.
SELF_RAISED = (4, 5, 7, 8, 11, 17, 29, 31)
ARCHITECTURES = {"i386:x86-64": X86_64, "aarch64": AARCH64}
SHOWN = re.compile(r"^(r[a-z0-9]{1,2}|eflags|[cdefgs]s|[fg]s_base|x\d+|sp|pc|cpsr|e[a-z]{2}|lr|r\d+)$")


def architecture_of(frame):
    return ARCHITECTURES.get(frame.architecture().name())


def read(frame, name):
    """A register of `frame` as an unsigned 64-bit number, or None when gdb does not know it."""
    try:
        return int(frame.read_register(name)) & 0xFFFFFFFFFFFFFFFF
    except (gdb.error, ValueError, TypeError):
        return None


def read_syscall(frame):
    """The system call that the thread was stopped in: number and first four arguments, or None when it ran user code."""
    architecture = architecture_of(frame)
    number = read_number(frame, architecture) if architecture else None
    if number is None:
        return None
    arguments = [read(frame, name) for name in architecture["arguments"]]
    if None in arguments:
        return None
    return {"number": number, "arguments": [hex(value) for value in arguments]}


def read_number(frame, architecture):
    number = read(frame, architecture["number"]) if architecture["number"] else None
    if number is not None and number < 1 << 31:
        return number
    register, instruction = architecture["again"]
    if memory.read_bytes(frame.pc(), len(instruction)) != instruction:
        return None
    number = read(frame, register)
    return number if number is not None and number < 1 << 31 else None


def thread_pointer(frame):
    """Address of the thread's descriptor, which is its pthread id, or None."""
    architecture = architecture_of(frame)
    values = (read(frame, name) for name in (architecture or {"thread_pointer": ()})["thread_pointer"])
    return next((value for value in values if value), None)


def read_raised(frames, blocked=None, caught=None):
    """For each signal frame: level, number and code of the signal, registers of the code that it interrupted.

    `blocked` and `caught` are the thread's signal masks as /proc gives them, None where it does not (a core).
    """
    found = []
    for level, frame in enumerate(frames):
        architecture = architecture_of(frame)
        if frame.type() != gdb.SIGTRAMP_FRAME or architecture is None:
            continue
        before = read_mask(frame, architecture)
        number, code = check_signal(*read_siginfo(frame, architecture), blocked_by_entry(blocked, before, caught))
        blocked = before
        entry = {"level": level, "signal": number, "code": code, "registers": {}}
        if level + 1 < len(frames):
            values = {name: read(frames[level + 1], name) for name in architecture["general"]}
            entry["registers"] = {name: hex(value) for name, value in values.items() if value is not None}
        found.append(entry)
    return found


def read_mask(frame, architecture):
    """The signals that were blocked when this one arrived, as a bit mask; None where that cannot be read."""
    stack = read(frame, architecture["stack_pointer"])
    words = memory.read_ints(stack + architecture["mask_offset"], 2) if stack else None
    return None if words is None else (words[0] & 0xFFFFFFFF) | (words[1] & 0xFFFFFFFF) << 32


def blocked_by_entry(now, before, caught):
    """Signals that came to be blocked when the handler began: its own (without SA_NODEFER) and its sa_mask's."""
    if None in (now, before, caught):
        return []
    mask = now & ~before & caught
    return [number for number in range(1, 65) if mask >> (number - 1) & 1 and number not in OWN_SIGNALS]


def check_signal(number, code, fresh):
    """Rejects what lay where a siginfo would lie and is none; a handler that blocks one signal tells its own."""
    if number is not None and (not fresh or number in fresh):
        return number, code
    return (fresh[0], None) if len(fresh) == 1 else (None, None)


def read_siginfo(frame, architecture):
    """Number and code of the signal behind a signal frame; (None, None) when there is no siginfo.

    The kernel fills it in only for handlers with SA_SIGINFO (Go's have it); else chance lies there. A real one has a
    known code, an empty gap before its fields, and names a sender when it says that somebody sent it.
    """
    stack = read(frame, architecture["stack_pointer"])
    words = memory.read_ints(stack + architecture["siginfo_offset"], 8) if stack else None
    if words is None or not 1 <= words[0] <= 64 or words[0] in OWN_SIGNALS or words[3] != 0:
        return None, None
    number, code = words[0], words[2]
    sent = code in SENT_CODES and (code != SI_USER or any(words[4:6]))
    raised = number in SELF_RAISED and 1 <= code <= 15
    return (number, code) if sent or raised else (None, None)


def read_shown():
    """General registers of the selected thread as gdb prints them: name → hex value."""
    values = {}
    for line in gdb.execute("info registers", to_string=True).splitlines():
        parts = line.split()
        if len(parts) >= 2 and parts[1].startswith("0x") and SHOWN.match(parts[0]):
            values[parts[0]] = parts[1]
    return values
