"""The way out: one JSON object a line on the real stdout, flushed at once, so that partial evidence survives."""
import json
import os
import time

LINE_LIMIT_CHARS = 2_000_000


class Emitter:
    """Writes protocol lines to a file descriptor and knows how long it has been at it."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.began = time.monotonic()

    def emit(self, section, **fields):
        line = json.dumps({"section": section, **fields}, ensure_ascii=True, separators=(",", ":"))
        if len(line) > LINE_LIMIT_CHARS:
            line = json.dumps({"section": "trouble", "message": f"{section}: {len(line)} characters, left out"})
        data = (line + "\n").encode("ascii")
        while data:
            data = data[os.write(self.descriptor, data):]

    def trouble(self, what, error):
        self.emit("trouble", message=f"{what}: {error}")

    def elapsed_ms(self):
        return round((time.monotonic() - self.began) * 1000)


def clip(text, limit):
    """`text`, cut at `limit` characters with a line that says so."""
    if len(text) <= limit:
        return text
    return text[:limit] + f"\n({len(text) - limit} more characters left out)\n"
