"""Reads of the stopped process: memory, names of addresses, mapped files. Nothing here runs code in it."""
import os
import re
import struct

import gdb

PAGE_BYTES = 4096
# Around a futex word: enough for every lock object of glibc that may hold it (a condition variable has 48 bytes), and
# for the two locks before it in the loader's table of its own (40 bytes each).
BEFORE_BYTES, AFTER_BYTES = 96, 64


def read_bytes(address, length):
    """`length` bytes at `address`, or None where nothing readable is mapped."""
    try:
        return bytes(gdb.selected_inferior().read_memory(address, length))
    except (gdb.error, OverflowError, ValueError):
        return None


def read_ints(address, count):
    """`count` signed 32-bit words, or None."""
    data = read_bytes(address, 4 * count)
    return None if data is None else struct.unpack(f"<{count}i", data)


def read_around(address):
    """(first address, bytes) around a futex word; less of it where a page next to it is not mapped."""
    page = address & -PAGE_BYTES
    for start in (address - BEFORE_BYTES, max(page, address - BEFORE_BYTES)):
        for end in (address + AFTER_BYTES, min(page + PAGE_BYTES, address + AFTER_BYTES)):
            data = read_bytes(start, end - start)
            if data is not None:
                return start, data
    return None, b""


def symbol_of(address):
    """`name+offset` and the object file of an address, e.g. ("_rtld_global+2352", "/lib64/ld-linux-x86-64.so.2")."""
    try:
        text = gdb.execute(f"info symbol {address:#x}", to_string=True).strip()
    except gdb.error:
        return None, None
    match = re.match(r"(.+?) in section \S+(?: of (.+))?$", text.splitlines()[0] if text else "")
    if not match:
        return None, None
    # gdb takes Go's `runtime.sched` for a name of another language and prints `runtime[sched]`.
    name = re.sub(r"^(\w+)\[(\w+)\]", r"\1.\2", match.group(1)).replace(" + ", "+")
    return name, match.group(2)


def field_address(expression):
    """Address of a static object's field, e.g. `_rtld_global._dl_load_lock`; needs debug information, else None."""
    try:
        return int(gdb.parse_and_eval(f"&({expression})"))
    except (gdb.error, ValueError, TypeError):
        return None


def loader_fields():
    """The loader's own locks, name → address, where its debug information is at hand."""
    found = {}
    for field in ("_dl_load_lock", "_dl_load_write_lock", "_dl_load_tls_lock"):
        for base in ("_rtld_global.", "_rtld_local.", ""):
            address = field_address(base + field)
            if address:
                found[base + field] = hex(address)
                break
    return found


# Between two segments of one loaded file; the x86-64 ABI allows pages of up to 2 MiB.
SEGMENT_GAP_BYTES = 1 << 22


def read_maps(pid):
    """Files with executable mappings: path -> (lowest, highest address of the mappings that the file was loaded with).

    A loaded file is a row of mappings with growing offsets, one of them executable. The same file may be mapped elsewhere
    as well, to be read: libbacktrace does that with every library.
    """
    rows = []
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            parts = line.rstrip("\n").split(None, 5)
            if len(parts) < 6 or not parts[5].startswith("/"):
                continue
            start, end = (int(part, 16) for part in parts[0].split("-"))
            offset = int(parts[2], 16)
            row = rows[-1] if rows else None
            if row is None or row["path"] != parts[5] or offset <= row["offset"] or start - row["end"] > SEGMENT_GAP_BYTES:
                row = {"path": parts[5], "start": start, "executable": False}
                rows.append(row)
            row.update(end=end, offset=offset, executable=row["executable"] or "x" in parts[1])
    return {row["path"]: (row["start"], row["end"]) for row in reversed(rows) if row["executable"]}


def read_small(path):
    """The text of a small /proc file, or ''."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(4096).rstrip("\n")
    except OSError:
        return ""


def is_zombie(path):
    """True for a thread that has ended, by its /proc folder."""
    return re.match(r"\d+ \(.*\) [ZX] ", read_small(path + "/stat"), re.S) is not None


def is_stopped(pid):
    """True for a process stopped by a signal and not held by a debugger."""
    status = read_small(f"/proc/{pid}/status") if pid is not None else ""
    return re.search(r"^State:\s+T", status, re.M) is not None


def list_numbers(path):
    try:
        return [int(name) for name in os.listdir(path) if name.isdigit()]
    except OSError:
        return []


def read_link(path):
    try:
        return os.readlink(path)
    except OSError:
        return None


def same_file(left, right):
    try:
        return os.path.samefile(left, right)
    except OSError:
        return False
