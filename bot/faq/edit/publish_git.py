"""Changes of the knowledge folder as git packs, and changes made here set upon those that were published meanwhile."""

import io
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dulwich.object_format import DEFAULT_OBJECT_FORMAT
from dulwich.objects import Commit, ObjectID, ShaFile, Tree
from dulwich.pack import PackData, PackInflater, write_pack_objects
from dulwich.repo import Repo

from bot.faq.change import AT_ONCE, BY_HAND
from bot.faq.edit import gitstore

Files = dict[bytes, ObjectID]


@dataclass(frozen=True)
class Replayed:
    """What the folder comes to hold. clashes: the files that were changed here and there, of which theirs is in force.

    aside: the files of a folder with another history, which theirs take the place of.
    """

    head: Commit
    clashes: tuple[str, ...] = ()
    aside: Mapping[bytes, ObjectID] = field(default_factory=dict)


def chain(repo: Repo, last: Commit | None) -> Iterator[Commit]:
    """Yield a commit and those before it, newest first."""
    while last is not None:
        yield last
        last = gitstore.at(repo, last.parents[0].decode()) if last.parents else None


def files(repo: Repo, one: Commit | None) -> Files:
    """Return the files after a commit."""
    return dict(gitstore.listed(repo, one.tree)) if one else {}


def packed(objects: Iterable[ShaFile]) -> bytes:
    """Return objects as a git pack."""
    file = io.BytesIO()
    write_pack_objects(file, list({one.id: one for one in objects}.values()), DEFAULT_OBJECT_FORMAT, deltify=False)
    return file.getvalue()


def unpacked(pack: bytes) -> list[ShaFile]:
    """Return the objects of a pack. Raises whatever a broken one causes."""
    with PackData.from_file(io.BytesIO(pack), DEFAULT_OBJECT_FORMAT, len(pack)) as data:
        data.check()
        return list(PackInflater.for_pack_data(data))


def joined(packs: Sequence[bytes]) -> bytes:
    """Return many packs as one."""
    return packed(one for pack in packs for one in unpacked(pack))


def between(repo: Repo, old: Commit | None, new: Commit) -> list[ShaFile]:
    """Return the objects that whoever has everything up to ``old`` lacks of ``new``."""
    known: set[ObjectID] = set()
    if old is not None:
        _add_trees(repo, old.tree, known)
    commits = []
    for one in chain(repo, new):
        if old is not None and one.id == old.id:
            break
        commits.append(one)
    found: list[ShaFile] = []
    for one in reversed(commits):
        found += [one, *(repo.object_store[id_] for id_ in _add_trees(repo, one.tree, known))]
    return found


def _add_trees(repo: Repo, id_: ObjectID, known: set[ObjectID]) -> list[ObjectID]:
    """Add the ids of a tree and of all in it to those that are known; return those that were not."""
    if id_ in known:
        return []
    known.add(id_)
    found, tree = [id_], repo.object_store[id_]
    for entry in tree.items() if isinstance(tree, Tree) else ():
        if entry.sha is not None and entry.mode is not None and stat.S_ISDIR(entry.mode):
            found += _add_trees(repo, entry.sha, known)
        elif entry.sha is not None and entry.sha not in known:
            known.add(entry.sha)
            found.append(entry.sha)
    return found


def replayed(repo: Repo, ours: Commit | None, theirs: Commit, *, now: datetime) -> Replayed:
    """Set what was changed here upon what was published, change by change, each with its author, time and reason.

    Where both changed the same file, or files of the same entry, theirs stays in force: ours goes into the history, and is
    taken back by one more change. With another history here, see ``_strangers``.
    """
    if ours is None or ours.id == theirs.id:
        return Replayed(theirs)
    mine = list(chain(repo, ours))
    if any(one.id == theirs.id for one in mine):
        return Replayed(ours)
    line: dict[ObjectID, Commit] = {}
    published: list[Commit] = []
    for one in chain(repo, theirs):
        line[one.id] = one
    since = next((number for number, one in enumerate(mine) if one.id in line), None)
    if since is None:
        return _strangers(repo, mine, list(line.values()))
    if since == 0:
        return Replayed(theirs)
    base = mine[since]
    for one in line.values():
        if one.id == base.id:
            break
        published.append(one)
    there, before = files(repo, theirs), files(repo, base)
    moved = {_whose(name) for name in there.keys() | before.keys() if there.get(name) != before.get(name)}
    held = [files(repo, one) for one in published]
    head, old, clashes = theirs, before, set[bytes]()
    current = dict(there)
    for one in reversed(mine[:since]):
        new = files(repo, one)
        for name in {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}:
            if _whose(name) in moved and any(state.get(name) == new.get(name) for state in held):
                continue  # the same was published: both began with one release, or this is half of what came from there
            if _whose(name) in moved:
                clashes.add(name)
            _set(current, name, new.get(name))
        old = new
        head = _commit(repo, current, head, one)
    if clashes:
        entries = {_whose(name) for name in clashes}
        for name in current.keys() | there.keys():
            if _whose(name) in entries:
                _set(current, name, there.get(name))
        words = Commit()
        gitstore.sign(words, AT_ONCE, _TAKEN_BACK, now)
        head = _commit(repo, current, head, words)
    return Replayed(head, tuple(sorted(name.decode("utf-8", "replace") for name in clashes)))


_TAKEN_BACK = "别的机器先改了同一条，用的是那一份。这台机器上改的在前一条历史里，要用它就点「退回到这一版」。"


def _strangers(repo: Repo, mine: list[Commit], theirs: list[Commit]) -> Replayed:
    """Bring two histories together that have no beginning in common, as of a new machine with the folder that is shipped.

    What was published stays in force and what differs here goes aside, unless people have worked here and nobody there.
    """
    if any(map(_by_people, mine)) and not any(map(_by_people, theirs)):
        head = theirs[0]
        for one in reversed(mine):
            head = _commit(repo, files(repo, one), head, one)
        return Replayed(head)
    there = files(repo, theirs[0])
    aside = {name: id_ for name, id_ in files(repo, mine[0]).items() if there.get(name) != id_}
    return Replayed(theirs[0], aside=aside)


def _by_people(one: Commit) -> bool:
    return not one.author.startswith(f"{BY_HAND} <".encode())


def _whose(name: bytes) -> bytes:
    """Return the entry that a file belongs to, live or draft in whatever category; of others their name."""
    first, _, rest = name.partition(b"/")
    return rest.rpartition(b"/")[2] if first in {b"faq", b"drafts"} and name.endswith(b".md") else name


def _set(held: Files, name: bytes, id_: ObjectID | None) -> None:
    if id_ is None:
        held.pop(name, None)
    else:
        held[name] = id_


def _commit(repo: Repo, held: Files, parent: Commit, like: Commit) -> Commit:
    """Commit these files after ``parent`` with the words of another commit; where nothing changes, do nothing."""
    trees: list[Tree] = []
    root = gitstore.tree_of(held, trees)
    if root == parent.tree:
        return parent
    made = Commit()
    made.tree, made.parents = root, [parent.id]
    made.author, made.committer, made.message, made.encoding = like.author, like.committer, like.message, like.encoding
    made.author_time, made.commit_time = like.author_time, like.commit_time
    made.author_timezone, made.commit_timezone = like.author_timezone, like.commit_timezone
    gitstore.add(repo, [*trees, made])
    return made
