"""Prints what a stopped process shows, as one JSON object a line.

gdb runs this file after `-iex 'python …'` has set OUTPUT (a copy of the real stdout; gdb's own goes to stderr) and
OPTIONS: {"pid": 1} or {"core": "path"}, "mode" quick or full, "frames" innermost frames a thread, "seconds" for the
whole dump, "hold" {"signals": names, "seconds"} to let a gated program run to a fatal
signal first, "first" LWPs to look at before the others, "sysroot", "commands" of the user, run last.

It gives facts only: text of backtraces, registers, memory around each futex word. What they mean is decided by the
reader (src/gdb). Nothing runs code in the process, which is let go at the end.
"""
import os
import re
import sys

import gdb

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import hold
import libraries
import memory
import registers
from protocol import Emitter, clip
from watchdog import Watchdog

THREAD_TEXT_CHARS = 60_000
FULL_TEXT_CHARS = 40_000
FULL_TOTAL_CHARS = 4_000_000
FULL_FRAMES = 40
LIST_TEXT_CHARS = 1_000_000
USER_TEXT_CHARS = 200_000
USER_SECONDS = 10
GRACE_SECONDS = 5
REGISTER_THREADS = 64


class Dump:
    """One dump: its options, its way out, what later parts need of earlier ones."""

    def __init__(self, options, emitter):
        self.options = options
        self.out = emitter
        self.pid = options.get("pid")
        self.root = options.get("sysroot") or ""
        self.words = {}
        self.ranked = []
        self.held = None

    def late(self):
        return self.out.elapsed_ms() > self.options["seconds"] * 1000

    def run(self, command):
        """A gdb command's output, with paths as the process sees them."""
        text = gdb.execute(command, to_string=True)
        return text.replace(self.root + "/", "/") if self.root else text

    def inner_path(self, path):
        """A file's path as the process sees it; gdb calls a container's program /proc/PID/exe."""
        if path and self.root and path.startswith(self.root + "/"):
            path = path[len(self.root):]
        if path == f"/proc/{self.pid}/exe":
            return memory.read_link(path) or path
        return libraries.original_path(path)

    def attempt(self, what, work):
        """Runs one part of the dump; its failure is told and the rest goes on."""
        try:
            return work()
        except (Exception, KeyboardInterrupt) as error:
            self.out.trouble(what, str(error) or type(error).__name__)
            return None


def pass_dead_leader(dump):
    """Takes a living thread in place of a first thread that ended (pthread_exit in main): gdb refuses the zombie."""
    if not memory.is_zombie(f"/proc/{dump.pid}"):
        return
    for tid in sorted(memory.list_numbers(f"/proc/{dump.pid}/task")):
        if not memory.is_zombie(f"/proc/{dump.pid}/task/{tid}"):
            if dump.root == f"/proc/{dump.pid}/root":
                dump.root = f"/proc/{tid}/root"
                gdb.execute(f"set sysroot {dump.root}")
            dump.pid = tid
            return


def attach(dump):
    """Stops the process, or takes the core that gdb opened. True when there is something to look at."""
    if dump.pid is not None:
        pass_dead_leader(dump)
        try:
            gdb.execute("set auto-solib-add off")
            gdb.execute(f"attach {int(dump.pid)}", to_string=True)
        except gdb.error as error:
            dump.out.trouble("attach", error)
            return False
        if dump.options.get("hold"):
            dump.attempt("hold", lambda: hold_program(dump))
        dump.attempt("program", lambda: libraries.load_program(dump.pid))
        dump.attempt("libraries", lambda: libraries.load(dump.pid, dump.root, dump.out.trouble))
    if not gdb.selected_inferior().threads():
        dump.out.trouble("attach", "there is no thread to look at")
        return False
    return True


def hold_program(dump):
    """Lets the program run to one of the signals asked for; the dump's own time begins only then."""
    dump.held = hold.until_signal(dump.options["hold"]["signals"], dump.options["hold"].get("gate", True))
    dump.options["seconds"] += dump.out.elapsed_ms() // 1000
    if dump.held is None:
        dump.out.trouble("hold", f"the program ended without {' or '.join(dump.options['hold']['signals'])} this time")


def lwp_of(thread):
    return thread.ptid[1] or thread.ptid[2] or None


def order_threads(dump):
    """The threads asked for first, then all others by number."""
    first = dump.options.get("first") or []
    threads = sorted(gdb.selected_inferior().threads(), key=lambda thread: thread.num)
    return sorted(threads, key=lambda thread: thread.ptid[1] not in first)


def inner_tid(dump, lwp):
    """The thread's id inside its own pid namespace, which is what locks record; None where it is the same."""
    match = re.search(r"^NSpid:.*\s(\d+)\s+(\d+)$", memory.read_small(f"/proc/{dump.pid}/task/{lwp}/status"), re.M)
    return int(match.group(2)) if match else None


def signal_masks(dump, lwp):
    """The signals that the thread blocks and those that the process catches, as bit masks; None for a core."""
    status = memory.read_small(f"/proc/{dump.pid}/task/{lwp}/status") if dump.pid is not None else ""
    return [int(match.group(1), 16) if match else None for match in (re.search(rf"^{name}:\s*([0-9a-f]+)$", status, re.M) for name in ("SigBlk", "SigCgt"))]


def thread_name(dump, thread):
    if dump.pid is None:
        return thread.name
    return memory.read_small(f"/proc/{dump.pid}/task/{lwp_of(thread)}/comm") or None


def walk(limit):
    """Frames of the selected thread, innermost first, as far as they can be read."""
    frames = []
    try:
        frame = gdb.newest_frame()
        while frame is not None and len(frames) < limit:
            frames.append(frame)
            frame = frame.older()
    except gdb.error:
        pass
    return frames


def dump_thread(dump, thread):
    """One thread: its backtrace as text, its frames' addresses, its system call, the signals on its stack."""
    thread.switch()
    limit = dump.options["frames"]
    text = dump.run(f"thread apply {thread.num} bt {limit}").strip("\n")
    frames = walk(limit)
    lwp = lwp_of(thread)
    call = registers.read_syscall(frames[0]) if frames else None
    raised = registers.read_raised(frames, *signal_masks(dump, lwp))
    pointer = registers.thread_pointer(frames[0]) if frames else None
    futex = call is not None and call["number"] in registers.architecture_of(frames[0])["futex_calls"]
    if futex:
        dump.words.setdefault(int(call["arguments"][0], 16), lwp)
    dump.ranked.append((0 if raised else 1 if call is None else 2 if futex else 3, thread))
    dump.out.emit(
        "thread", number=thread.num, lwp=lwp, tid=inner_tid(dump, lwp) if dump.pid is not None else None,
        name=thread_name(dump, thread), pointer=hex(pointer) if pointer else None, text=clip(text, THREAD_TEXT_CHARS),
        pcs=[hex(frame.pc()) for frame in frames], syscall=call, raised=raised,
    )


def dump_threads(dump, threads):
    for index, thread in enumerate(threads):
        if dump.late():
            dump.out.trouble("threads", f"{len(threads) - index} of {len(threads)} left out: time was up")
            return
        dump.attempt(f"thread {thread.num}", lambda: dump_thread(dump, thread))


def dump_words(dump):
    """Memory around every futex word that a thread waits on, and what the word is called."""
    dump.out.emit("fields", fields=memory.loader_fields())
    for address in sorted(dump.words):
        start, data = memory.read_around(address)
        symbol, library = memory.symbol_of(address)
        library = dump.inner_path(library)
        dump.out.emit(
            "memory", address=hex(address), start=hex(start) if data else None, bytes=data.hex(), symbol=symbol, library=library
        )


def dump_registers(dump):
    ranked = sorted(dump.ranked, key=lambda item: (item[0], item[1].num))
    for rank, thread in ranked[:REGISTER_THREADS]:
        if rank < 3:
            thread.switch()
            dump.out.emit("registers", lwp=lwp_of(thread), values=registers.read_shown())


def dump_libraries(dump):
    files = libraries.describe(dump.pid, dump.root) if dump.pid is not None else []
    dump.out.emit("libraries", text=clip(dump.run("info sharedlibrary"), LIST_TEXT_CHARS), mapped=files)


def dump_full(dump, threads):
    """Backtraces with local variables, bounded for each thread and in all."""
    total = 0
    for index, thread in enumerate(threads):
        if dump.late() or total > FULL_TOTAL_CHARS:
            dump.out.trouble("full backtraces", f"{len(threads) - index} of {len(threads)} threads left out: time or space was up")
            return
        thread.switch()
        frames = min(dump.options["frames"], FULL_FRAMES)
        text = clip(dump.run(f"thread apply {thread.num} bt -full {frames}").strip("\n"), FULL_TEXT_CHARS)
        total += len(text)
        dump.out.emit("full", number=thread.num, lwp=lwp_of(thread), text=text)


def run_user_commands(dump, watchdog):
    """The user's own commands, in order, each with its error kept. One that takes too long ends the dump."""
    for command in dump.options.get("commands") or []:
        watchdog.allow(USER_SECONDS)
        try:
            text, error = dump.run(command), None
        except (gdb.error, RuntimeError, KeyboardInterrupt) as failure:
            text, error = "", str(failure) or type(failure).__name__
        dump.out.emit("user", command=command, text=clip(text, USER_TEXT_CHARS), error=error)


def fatal_signal(dump):
    """For a core, and for a program held at a signal: number of the signal that ended the process, or is about to."""
    if dump.pid is not None and dump.held is None:
        return None
    try:
        return int(gdb.parse_and_eval("$_siginfo.si_signo"))
    except (gdb.error, ValueError):
        return None


def dump_process(dump, threads):
    inferior = gdb.selected_inferior()
    program = gdb.current_progspace().filename
    executable = dump.inner_path(f"/proc/{dump.pid}/exe" if dump.pid is not None else program)
    dump.out.emit(
        "process", pid=inferior.pid or None, executable=executable, threads=len(threads),
        architecture=gdb.newest_frame().architecture().name(), libc=dump.attempt("C library", libraries.libc_version),
        signal=fatal_signal(dump), lwp=lwp_of(gdb.selected_thread()) if dump.pid is None or dump.held else None,
    )


def dump_more(dump, threads, watchdog):
    """What a verdict does not need: for the reader of the evidence."""
    dump.attempt("registers", lambda: dump_registers(dump))
    dump.attempt("list of threads", lambda: dump.out.emit("info-threads", text=clip(dump.run("info threads"), LIST_TEXT_CHARS)))
    dump.attempt("full backtraces", lambda: dump_full(dump, threads))
    dump.attempt("user commands", lambda: run_user_commands(dump, watchdog))


def main(options, emitter):
    dump = Dump(options, emitter)
    emitter.emit("gdb", version=gdb.VERSION)
    hold_seconds = options["hold"]["seconds"] if options.get("hold") else 0
    watchdog = Watchdog(options["seconds"] + hold_seconds + GRACE_SECONDS, emitter, dump.pid)
    if attach(dump):
        threads = order_threads(dump)
        dump.attempt("process", lambda: dump_process(dump, threads))
        dump.attempt("libraries", lambda: dump_libraries(dump))
        dump.attempt("threads", lambda: dump_threads(dump, threads))
        dump.attempt("locks", lambda: dump_words(dump))
        emitter.emit("looked", threads=len(dump.ranked), of=len(threads), ms=emitter.elapsed_ms())
        if options["mode"] == "full":
            dump_more(dump, threads, watchdog)
        # A held program dies of its signal when it is let go, and takes the sidecar along: only after the last line.
        if dump.pid is not None and dump.held is None:
            dump.attempt("detach", lambda: gdb.execute("detach", to_string=True))
    emitter.emit("end", ms=emitter.elapsed_ms())


main(OPTIONS, Emitter(OUTPUT))
