r"""A file that opens only with a password: Scrypt makes the key (RFC 7914), AES-256-GCM encrypts chunk after chunk.

The file: ``BOTBAK1\n``, one byte log2 of Scrypt's n (r = 8, p = 1), 16 bytes salt, 7 bytes of nonce; then an empty chunk
that tells a wrong password from a damaged file; then chunks of 1 MiB, the last one shorter. Each is followed by its tag of
16 bytes. Its nonce is the 7 bytes, its number (4 bytes, big-endian, the empty one is 0) and a byte that is 1 for the last
one, so that no chunk can be left out, moved or cut off; the head is authenticated with each (STREAM, Hoang et al. 2015).
"""

import os
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"BOTBAK1\n"
CHUNK = 1 << 20
SHORTEST = 8
"""Characters of a password; Scrypt makes each try cost 64 MiB and a fifth of a second."""

_LOG_N = 16
_MOST_LOG_N = 20
_TAG = 16
_HEAD = len(MAGIC) + 1 + 16 + 7


class BackupError(Exception):
    """A backup cannot be made or used; the message says why and what to do, in Chinese."""


class LockedWriter:
    """Encrypts what is written to it into ``target``; only ``close`` makes the file whole."""

    def __init__(self, target: BinaryIO, password: str) -> None:
        salt, self._prefix = os.urandom(16), os.urandom(7)
        self._head = MAGIC + bytes([_LOG_N]) + salt + self._prefix
        self._cipher = AESGCM(_key(password, salt, _LOG_N))
        self._target, self._number, self._waiting = target, 0, bytearray()
        target.write(self._head)
        self._put(b"", last=False)

    def write(self, data: bytes) -> int:
        """Take ``data``; a chunk is written when it is full and more follows."""
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._put(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def flush(self) -> None:
        """Do nothing: a chunk is whole or not there."""

    def close(self) -> None:
        """Write the last chunk."""
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _put(self, data: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._prefix, self._number, last=last), data, self._head))
        self._number += 1


def unlocked(source: BinaryIO, password: str) -> Iterator[bytes]:
    """Yield what was written, chunk by chunk, each only after it proved to be whole. Raises BackupError."""
    head = source.read(_HEAD)
    if len(head) < _HEAD or not head.startswith(MAGIC) or head[len(MAGIC)] > _MOST_LOG_N:
        raise BackupError("这不是加密的备份，或者文件开头坏了。换一份备份。")
    salt, prefix = head[len(MAGIC) + 1 : -7], head[-7:]
    cipher = AESGCM(_key(password, salt, head[len(MAGIC)]))
    try:
        cipher.decrypt(_nonce(prefix, 0, last=False), source.read(_TAG), head)
    except InvalidTag:
        raise BackupError("密码不对（也可能是文件开头坏了）。换个密码试试，或者换一份备份。") from None
    number, data = 1, source.read(CHUNK + _TAG)
    while True:
        following = source.read(CHUNK + _TAG)
        try:
            yield cipher.decrypt(_nonce(prefix, number, last=not following), data, head)
        except InvalidTag:
            raise BackupError("文件坏了或者不完整：密码是对的，后面的内容对不上。换一份备份。") from None
        if not following:
            return
        number, data = number + 1, following


def is_locked(head: bytes) -> bool:
    """Tell from its first bytes whether a file is such a file."""
    return head.startswith(MAGIC)


def _key(password: str, salt: bytes, log_n: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=1 << log_n, r=8, p=1).derive(password.encode())


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
