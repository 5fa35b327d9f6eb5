"""Locks on open files, among threads and processes: the system takes them back from whoever closes the file or dies."""

import sys
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def try_lock(file: IO[bytes]) -> None:
        """Lock an open file. Raises BlockingIOError or PermissionError where somebody else has it."""
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)


else:
    import fcntl

    def try_lock(file: IO[bytes]) -> None:
        """Lock an open file. Raises BlockingIOError or PermissionError where somebody else has it."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
