"""Keeps what was learned on disk, so that a start or a command does not learn the same texts again."""

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np

from bot.matching.grams import Grams
from bot.matching.learned import Learned
from bot.matching.together import Together

logger = logging.getLogger(__name__)

KEPT = 6
"""Most things kept at once for each town; the oldest go first."""

_TOGETHER: Together[Learned] = Together()
_served: list[None] = [None]


def make_room(towns: int) -> None:
    """Keep what so many towns learn, which this process serves."""
    _served[:] = [None] * max(1, towns)


def key_of(parts: Iterable[object]) -> str:
    """Return a name for what is learned from ``parts`` (texts, numbers, arrays): the same only for the same parts."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.tobytes() if isinstance(part, np.ndarray) else json.dumps(part, ensure_ascii=False).encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:32]


def remembered(folder: Path | None, key: str, grams: Grams, learn: Callable[[], Learned]) -> Learned:
    """Return what was learned under ``key``, from ``folder`` or by learning it now; without a folder nothing is kept.

    A folder that cannot be read or written costs time and nothing else.
    """
    return _TOGETHER.get((key, grams), partial(_remembered, folder, key, grams, learn))


def _remembered(folder: Path | None, key: str, grams: Grams, learn: Callable[[], Learned]) -> Learned:
    if folder is None:
        return learn()
    try:
        return _load(folder, key, grams)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, TypeError) as e:
        logger.warning("缓存 %s 读不了，重新学：%s", folder / key, e)
    logger.info("正在学习问法，只在第一次和问法改了以后，要十几秒")
    learned = learn()
    try:
        _save(folder, key, learned)
    except OSError as e:
        logger.warning("缓存写不了 %s：%s", folder, e.strerror)
    return learned


def _load(folder: Path, key: str, grams: Grams) -> Learned:
    # Read in place: several processes share one copy, and a start waits for nothing.
    weights = np.load(folder / f"{key}.npy", mmap_mode="r", allow_pickle=False)
    with (folder / f"{key}.json").open(encoding="utf-8") as f:
        data = json.load(f)
    idf = np.array(data["idf"], np.float32)
    if weights.shape != (len(data["grams"]), len(data["ids"])) or len(idf) != len(data["grams"]):
        raise ValueError("大小不一致")
    (folder / f"{key}.json").touch()
    return Learned(data["ids"], {gram: n for n, gram in enumerate(data["grams"])}, idf, weights, grams)


def _save(folder: Path, key: str, learned: Learned) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{key}.{os.getpid()}"
    with draft.open("wb") as f:
        np.save(f, learned.weights, allow_pickle=False)
    draft.replace(folder / f"{key}.npy")
    data = {"ids": list(learned.ids), "grams": list(learned.vocabulary), "idf": learned.idf.tolist()}
    draft.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    # The names come last: who finds them finds the weights.
    draft.replace(folder / f"{key}.json")
    for old in sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)[: -KEPT * len(_served)]:
        old.unlink(missing_ok=True)
        old.with_suffix(".npy").unlink(missing_ok=True)
