"""The files mapped into the stopped process, and gdb's idea of them."""
import os
import re

import gdb

import memory

LIBC_BANNER = re.compile(rb"GNU C Library .{0,80}? version (\d+\.\d+)")


def repair(pid, root, trouble):
    """Loads the files that are really mapped where gdb took others.

    An absolute symbolic link under the sysroot (/lib64/ld-linux-x86-64.so.2 up to Debian 12) leads gdb into its own
    file system: nothing found there, or, worse, another version of the same library.
    """
    mapped = {path: span for path, span in memory.read_maps(pid).items() if ".so" in path}
    loaded = [objfile.filename for objfile in gdb.objfiles() if ".so" in objfile.filename]
    wrong = [name for name in loaded if not any(memory.same_file(name, root + path) for path in mapped)]
    missing = [path for path in mapped if not any(memory.same_file(name, root + path) for name in loaded)]
    if wrong:
        gdb.execute("nosharedlibrary", to_string=True)
        missing = list(mapped)
    for path in missing:
        if re.search(r"[\s\"'\\]", path):
            trouble("libraries", f"{path!r}: a name that gdb's command line cannot hold")
            continue
        try:
            gdb.execute(f"add-symbol-file {root}{path} -o {mapped[path][0]:#x}", to_string=True)
        except gdb.error as error:
            trouble("libraries", f"{path}: {error}")


def libc_version():
    """The C library's version from the banner in its file, e.g. "2.31"; None when there is no glibc."""
    for objfile in gdb.objfiles():
        if not re.match(r"libc[-.]", os.path.basename(objfile.filename)):
            continue
        with open(objfile.filename, "rb") as file:
            match = LIBC_BANNER.search(file.read())
        if match:
            return match.group(1).decode()
    return None


def mapped(pid, root):
    """Mapped files of a live process: path as the process sees it, span, whether gdb has its symbols."""
    names = [objfile.filename for objfile in gdb.objfiles()]
    return [
        {"path": path, "from": hex(low), "to": hex(high), "symbols": any(memory.same_file(root + path, name) for name in names)}
        for path, (low, high) in memory.read_maps(pid).items()
    ]
