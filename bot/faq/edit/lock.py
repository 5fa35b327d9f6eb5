"""One saver at a time, among threads and processes: a lock that the system takes back from whoever crashes."""

import time
from pathlib import Path
from typing import IO

from bot.locks import try_lock

EVERY_SECONDS = 0.02
"""How often it is tried again; neither system can wait for so long and no longer."""


def take(path: Path, *, wait: float) -> IO[bytes]:
    """Take the lock of this file, which stays behind empty; it is given back by closing what is returned, or by dying.

    Raises TimeoutError after ``wait`` seconds, OSError.
    """
    end = time.monotonic() + wait
    file = path.open("ab")
    try:
        while True:
            try:
                try_lock(file)
                return file
            except (BlockingIOError, PermissionError):
                if time.monotonic() > end:
                    raise TimeoutError(str(path)) from None
                time.sleep(EVERY_SECONDS)
    except BaseException:
        file.close()
        raise
