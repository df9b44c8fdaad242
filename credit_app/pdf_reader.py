"""Writes the text of a PDF from standard input to standard output. Run by path (`python -I`), never imported.

A program of its own, so that a hostile PDF can take neither the memory nor the time of the one that asked. Arguments:
how many characters at most, how many seconds at most.
"""

import contextlib
import io
import logging
import resource
import signal
import sys
import time

from pypdf import PdfReader

MOST_MEMORY = 1 << 30
MOST_PAGES = 2000


def main(most: int, seconds: int) -> int:
    """Read, write page by page; returns 1 when the PDF is encrypted or broken, 0 otherwise."""
    bound(seconds)
    logging.disable(logging.CRITICAL)
    until = time.monotonic() + seconds
    reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        sys.stderr.write("encrypted")
        return 1
    left = most
    for number, page in enumerate(reader.pages):
        if number >= MOST_PAGES or left <= 0 or time.monotonic() > until:
            break
        try:
            text = page.extract_text()[:left]
        except Exception as error:  # one broken page does not hide the others
            sys.stderr.write(f"page {number + 1}: {type(error).__name__}\n")
            continue
        left -= len(text) + 1
        sys.stdout.buffer.write(text.encode("utf-8", "ignore") + b"\n")
        sys.stdout.buffer.flush()
    return 0


def bound(seconds: int) -> None:
    """Let the system end this process when it takes too much; where it cannot, the one that asked still stops it."""
    for kind, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, MOST_MEMORY)):
        with contextlib.suppress(ValueError, OSError):  # macOS knows no limit of the address space
            resource.setrlimit(kind, (most, most))
    signal.alarm(seconds + 2)


if __name__ == "__main__":
    try:
        sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
    except Exception as error:  # whatever a PDF does, it has no text then
        sys.stderr.write(type(error).__name__)
        sys.exit(1)
