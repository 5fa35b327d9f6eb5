"""The knowledge folder as a git repository: what is in it now against what was committed last, and the next commit.

Only objects, references and the index are used: no configuration and no hook of the machine or of the repository runs.
The index serves as git's own does: what has the size and time that it had when it was hashed is not read again.
"""

import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from dulwich.errors import NotTreeError
from dulwich.index import ConflictedIndexEntry, IndexEntry, index_entry_from_stat, read_index_dict, write_index_dict
from dulwich.object_store import tree_lookup_path
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.pack import SHA1Writer
from dulwich.repo import Repo

BESIDE = ".history"
"""The folder for the lock, and for the repository where another one surrounds the knowledge folder."""

MAX_BYTES = 20 * 1024 * 1024
"""Larger files are no knowledge; they are left out of the history."""

_FILE, _FOLDER = 0o100644, 0o040000
_SETTLED_NS = 3_000_000_000
"""A file touched this shortly before the index was written may have been touched again in the same tick of its clock."""
_STALE_SECONDS = 60
_PACKED_FROM = 100
Files = Mapping[bytes, ObjectID]


class State(NamedTuple):
    """What the folder holds: the index as it should be written, and the blobs that the repository may not have yet."""

    entries: dict[bytes, IndexEntry]
    blobs: dict[bytes, Blob]


def home(folder: Path) -> Path:
    """Return where the repository of a folder is, or belongs: its own ``.git`` unless it lies inside another repository."""
    beside, own = folder / BESIDE / "git", folder / ".git"
    if beside.is_dir():
        return beside
    surrounded = own.is_file() or any((parent / ".git").exists() for parent in folder.resolve().parents)
    return own if own.is_dir() or not surrounded else beside


def opened(folder: Path) -> Repo | None:
    """Open the repository of a folder; None where there is none yet. Raises whatever a broken one causes."""
    place = home(folder)
    return _repo(place) if place.is_dir() else None


def _repo(place: Path) -> Repo:
    repo = Repo(controldir=str(place))
    repo.object_store.fsync_object_files = True
    return repo


def make(folder: Path) -> Repo:
    """Open the repository of a folder, after making it where there is none."""
    if (found := opened(folder)) is not None:
        return found
    place = home(folder)
    # Made aside and moved: a repository is there whole or not at all.
    draft = folder / BESIDE / f"new-{os.getpid()}-{time.monotonic_ns()}"
    draft.mkdir(parents=True)
    if place.name == ".git":
        Repo.init(str(draft), default_branch=b"main").close()
        (draft / ".git").replace(place)
        draft.rmdir()
    else:
        Repo.init_bare(str(draft), default_branch=b"main").close()
        draft.replace(place)
    return _repo(place)


def files(folder: Path) -> Iterator[tuple[bytes, os.DirEntry[str]]]:
    """Yield the files of the folder by their git name; hidden ones, editors' drafts and links stay out."""
    waiting = [(b"", str(folder))]
    while waiting:
        before, place = waiting.pop()
        with os.scandir(place) as found:
            for one in found:
                if one.name.startswith((".", "~")):
                    continue
                name = before + os.fsencode(one.name)
                if one.is_dir(follow_symlinks=False):
                    waiting.append((name + b"/", one.path))
                elif one.is_file(follow_symlinks=False):
                    yield name, one


def state(folder: Path) -> State:
    """Return what the folder holds now, reading only files that were touched since the index was written."""
    known, written = _index(folder)
    index: dict[bytes, IndexEntry] = {}
    blobs: dict[bytes, Blob] = {}
    for name, file in files(folder):
        try:
            # Not what scandir saw: on Windows that may be old.
            status = os.stat(file.path)
            old = known.get(name)
            if old and old.size == status.st_size and old.mtime == _when(status) and status.st_mtime_ns < written - _SETTLED_NS:
                index[name] = old
            elif status.st_size <= MAX_BYTES:
                blobs[name] = Blob.from_string(Path(file.path).read_bytes())
                index[name] = index_entry_from_stat(status, blobs[name].id, mode=_FILE)
        except FileNotFoundError:  # deleted since it was listed
            continue
    return State(index, blobs)


def touched(before: State, names: Mapping[bytes, Path]) -> State:
    """Return ``before`` with what the named files hold now."""
    index, blobs = dict(before.entries), {}
    for name, path in names.items():
        try:
            blobs[name] = Blob.from_string(path.read_bytes())
            index[name] = index_entry_from_stat(path.stat(), blobs[name].id, mode=_FILE)
        except FileNotFoundError:
            index.pop(name, None)
    return State(index, blobs)


def commit(repo: Repo, folder: Path, found: State, *, author: str, why: str, now: datetime) -> str:
    """Commit what was found, unless the last commit holds just that; return the id of the last commit, "" where is none."""
    _forget_crashes(repo)
    last = head(repo)
    trees: list[Tree] = []
    root = tree_of({name: entry.sha for name, entry in found.entries.items()}, trees)
    if last is not None and last.tree == root:
        if found.blobs:
            _write_index(folder, found.entries)
        return last.id.decode()
    if last is None and not found.entries:
        return ""
    change = Commit()
    change.tree, change.parents = root, [last.id] if last else []
    sign(change, author, why, now)
    add(repo, [*found.blobs.values(), *trees])
    repo.object_store.add_object(change)
    if not repo.refs.set_if_equals(b"HEAD", last.id if last else None, change.id):  # type: ignore[arg-type]
        raise OSError("HEAD moved")
    _write_index(folder, found.entries)
    return change.id.decode()


def sign(change: Commit, author: str, why: str, now: datetime) -> None:
    """Write into a commit who made it, why and when."""
    change.author = change.committer = _person(author)
    change.author_time = change.commit_time = int(now.timestamp())
    change.author_timezone = change.commit_timezone = 8 * 3600
    change.encoding = b"UTF-8"
    change.message = why.replace("\0", "").encode("utf-8", "replace")


def add(repo: Repo, objects: Iterable[ShaFile]) -> None:
    """Add the objects that the repository has not yet."""
    new = {one.id: one for one in objects if one.id not in repo.object_store}
    if len(new) > _PACKED_FROM:
        repo.object_store.add_objects([(one, None) for one in new.values()])
    else:
        for one in new.values():
            repo.object_store.add_object(one)


def move(repo: Repo, old: Commit | None, new: Commit) -> None:
    """Make another commit the last one. Raises OSError where it is not ``old`` any more."""
    _forget_crashes(repo)
    if not repo.refs.set_if_equals(b"HEAD", old.id if old else None, new.id):  # type: ignore[arg-type]
        raise OSError("HEAD moved")


def head_id(folder: Path) -> str:
    """Return the id of the last commit, "" where there is none; by reading two small files as a rule."""
    place = home(folder)
    try:
        said = (place / "HEAD").read_text("ascii").strip()
        return (place / said.removeprefix("ref: ")).read_text("ascii").strip() if said.startswith("ref: ") else said
    except (OSError, ValueError):
        with opened(folder) or nullcontext() as repo:
            last = head(repo) if repo else None
            return last.id.decode() if last else ""


def head(repo: Repo) -> Commit | None:
    """Return the last commit, or None where there is none yet."""
    try:
        id_ = repo.head()
    except KeyError:
        return None
    return at(repo, id_.decode())


def at(repo: Repo, id_: str) -> Commit:
    """Return a commit. Raises KeyError where there is none of this id."""
    if len(id_) != 40 or not set(id_) <= set("0123456789abcdef"):
        raise KeyError(id_)
    found = repo.object_store[ObjectID(id_.encode())]
    if not isinstance(found, Commit):
        raise KeyError(id_)
    return found


def content(repo: Repo, change: Commit, name: bytes) -> bytes | None:
    """Return what a file held after a commit; None where it was not there."""
    try:
        mode, id_ = tree_lookup_path(repo.object_store.__getitem__, change.tree, name)
    except NotTreeError:
        return None
    except KeyError:
        if change.tree not in repo.object_store:  # lost, which is another matter than a file that was not there
            raise
        return None
    found = repo.object_store[id_] if stat.S_ISREG(mode) else None
    return found.data if isinstance(found, Blob) else None


def differing(repo: Repo, old: Commit | None, new: ObjectID | None) -> list[bytes]:
    """Return the names of the files that differ between a commit and a tree."""
    changes = repo.object_store.tree_changes(old.tree if old else None, new)
    return sorted({name for names, _, _ in changes for name in names if name is not None})


def against(repo: Repo | None, found: State) -> list[bytes]:
    """Return the names of the files that are not as the last commit holds them."""
    last = head(repo) if repo else None
    old = dict(listed(repo, last.tree)) if repo and last else {}
    now = {name: entry.sha for name, entry in found.entries.items()}
    return sorted(name for name in old.keys() | now.keys() if old.get(name) != now.get(name))


def listed(repo: Repo, tree: ObjectID, before: bytes = b"") -> Iterator[tuple[bytes, ObjectID]]:
    """Yield the files of a tree: their names and the ids of what they hold."""
    found = repo.object_store[tree]
    for name, mode, id_ in found.items() if isinstance(found, Tree) else ():
        if stat.S_ISDIR(mode):
            yield from listed(repo, id_, before + name + b"/")
        else:
            yield before + name, id_


def tree_of(ids: Files, made: list[Tree]) -> ObjectID:
    """Return the id of the tree that holds these files; all trees that it is made of are added to ``made``."""
    tree, folders = Tree(), dict[bytes, dict[bytes, ObjectID]]()
    for name, id_ in ids.items():
        first, _, rest = name.partition(b"/")
        if rest:
            folders.setdefault(first, {})[rest] = id_
        else:
            tree.add(name, _FILE, id_)
    for name, inside in folders.items():
        tree.add(name, _FOLDER, tree_of(inside, made))
    made.append(tree)
    return tree.id


def _person(name: str) -> bytes:
    plain = "".join(" " if c in "<>\0\n\r" or not c.isprintable() else c for c in name)
    return (" ".join(plain.split()) or "不明").encode("utf-8", "replace") + b" <>"


def _when(status: os.stat_result) -> tuple[int, int]:
    seconds, rest = divmod(status.st_mtime_ns, 1_000_000_000)
    return seconds, rest


def _index(folder: Path) -> tuple[dict[bytes, IndexEntry], int]:
    """Return the index and when it was written; an empty one where it cannot be read, for it only saves time."""
    path = home(folder) / "index"
    try:
        with path.open("rb") as file:
            entries = read_index_dict(file)
            written = os.fstat(file.fileno()).st_mtime_ns
    except Exception:  # whatever a broken file causes
        return {}, 0
    return {name: entry for name, entry in entries.items() if not isinstance(entry, ConflictedIndexEntry)}, written


def _write_index(folder: Path, entries: dict[bytes, IndexEntry]) -> None:
    path = home(folder) / "index"
    draft = path.with_name("index.draft")
    with draft.open("wb") as file:
        out = SHA1Writer(file)
        write_index_dict(out, entries)
        out.close()
    draft.replace(path)


def _forget_crashes(repo: Repo) -> None:
    """Remove the lock files of a writer that died; whoever lives holds them for milliseconds."""
    place = Path(repo.controldir())
    for lock in (place / "HEAD.lock", place / "packed-refs.lock", *(place / "refs" / "heads").rglob("*.lock")):
        try:
            if time.time() - lock.stat().st_mtime > _STALE_SECONDS:
                lock.unlink()
        except FileNotFoundError:
            continue
