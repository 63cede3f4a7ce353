"""Follows a program, from its first instruction where native/gate holds it, until a fatal signal is about to reach it."""
import gdb


def until_signal(names, gate):
    """The signal that the process stopped for, `SIGSEGV`; None when it ended without one of these names."""
    stops = []
    keep = stops.append
    gdb.events.stop.connect(keep)
    gdb.execute("handle all nostop noprint pass", to_string=True)
    gdb.execute(f"handle {' '.join(names)} stop print pass", to_string=True)
    if gate:
        # The gate goes on as soon as it is traced, and becomes the program.
        gdb.execute("catch exec", to_string=True)
        gdb.execute("continue", to_string=True)
        gdb.execute("delete", to_string=True)
    gdb.execute("continue", to_string=True)
    gdb.events.stop.disconnect(keep)
    alive = bool(gdb.selected_inferior().threads())
    return stops[-1].stop_signal if alive and stops and isinstance(stops[-1], gdb.SignalEvent) else None
