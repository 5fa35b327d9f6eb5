"""One saver at a time, among threads and processes: a lock that the system takes back from whoever crashes."""

import sys
import time
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _try(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


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
                _try(file)
                return file
            except (BlockingIOError, PermissionError):
                if time.monotonic() > end:
                    raise TimeoutError(str(path)) from None
                time.sleep(EVERY_SECONDS)
    except BaseException:
        file.close()
        raise
