"""The files that the stopped process has mapped, and getting gdb to look into those and no others.

gdb is told to find files under /proc/PID/root. Two things lead it astray there, into its own file system: an absolute
symbolic link (/lib64/ld-linux-x86-64.so.2 up to Debian 12), and its habit to resolve /proc/PID/root itself, whose link
reads `/`. Where that file is missing nothing is loaded; where it exists, gdb would use another program's symbols.
"""
import os
import re
import shutil

import gdb

import memory

LIBC_BANNER = re.compile(rb"GNU C Library .{0,80}? version (\d+\.\d+)")
# memfd_create(2): 249 bytes
MEMORY_NAME_CHARS = 200
LISTED = re.compile(r"(?:Yes|No)(?: \(\*\))?\s+(/.*)$")


def load(pid, root, trouble):
    """Loads the symbols of what is really mapped. To be called after attaching with `auto-solib-add off`."""
    mapped = {path: span for path, span in memory.read_maps(pid).items() if ".so" in path}
    names = [match.group(1) for match in map(LISTED.search, run("info sharedlibrary").splitlines()) if match]
    right = {name: path for name in names for path in mapped if memory.same_file(name, root + path)}
    if len(right) == len(names):
        run("sharedlibrary")
    else:
        for name in right:
            run(f"sharedlibrary ^{quote(name)}$")
    for path in set(mapped) - set(right.values()):
        try:
            run(f"add-symbol-file {copy_to_memory(root + path, path)} -o {mapped[path][0]:#x}")
        except (gdb.error, OSError) as error:
            trouble("libraries", f"{path}: {error}")


def load_program(pid):
    """Puts the program that runs in place of another one of the same path that gdb may have found."""
    found = gdb.current_progspace().filename
    if found is None or not memory.same_file(found, f"/proc/{pid}/exe"):
        program = f"/proc/{pid}/exe"
        run(f"file {copy_to_memory(program, memory.read_link(program) or program)}")


def quote(name):
    """A name for a basic regular expression, which is what gdb takes: there `\\+` is an operator and `+` is none."""
    return re.sub(r"([.\[\]*^$\\])", r"\\\1", name)


def run(command):
    return gdb.execute(command, to_string=True)


def copy_to_memory(path, name):
    """A file's contents under a path that leads nowhere else; `name` is what it is called."""
    descriptor = os.memfd_create(name[-MEMORY_NAME_CHARS:])
    with open(path, "rb") as source, open(descriptor, "wb", closefd=False) as copy:
        shutil.copyfileobj(source, copy, 1 << 20)
    return f"/proc/self/fd/{descriptor}"


def original_path(name):
    """The name under which a file in memory was copied, for those; else the name itself."""
    link = memory.read_link(name) if name and name.startswith("/proc/self/fd/") else None
    return re.sub(r"^/memfd:(.*) \(deleted\)$", r"\1", link) if link else name


def libc_version():
    """The C library's version from the banner in its file, e.g. "2.31"; None when there is no glibc."""
    for objfile in gdb.objfiles():
        if not re.match(r"libc[-.]", os.path.basename(original_path(objfile.filename))):
            continue
        with open(objfile.filename, "rb") as file:
            match = LIBC_BANNER.search(file.read())
        if match:
            return match.group(1).decode()
    return None


def describe(pid, root):
    """Mapped files of a live process: path as the process sees it, span, whether gdb has its symbols."""
    names = [objfile.filename for objfile in gdb.objfiles()]
    copied = {original_path(name) for name in names}
    return [
        {
            "path": path, "from": hex(low), "to": hex(high),
            "symbols": path in copied or any(memory.same_file(root + path, name) for name in names),
        }
        for path, (low, high) in memory.read_maps(pid).items()
    ]
