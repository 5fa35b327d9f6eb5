"""What a town has of the knowledge that all towns of a county share: which version of each file it last took over."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dulwich.objects import Blob, Commit
from dulwich.repo import Repo

from bot.faq.edit import gitstore, publish
from bot.faq.edit.texts import plain, read, text_of

FILE = "shared.txt"
"""In the town's folder, and so in its history and on all its machines."""

FOLLOWED = (
    "catalogue.yaml", "crisis.yaml", "crisis-examples.yaml", "hotlines.yaml", "laws.yaml", "legalese.yaml", "lexicon.yaml",
    "matching.yaml", "outside.yaml",
)  # fmt: skip
"""The shared files beside the entries. What is not here (town.yaml, wording.yaml, …) is each town's own from the start."""

_HEAD = "# 县里共用的内容，本镇最近照搬的是哪一版。程序自己记的，请不要改。"
_LINE = re.compile(r"([0-9a-f]{40}) (.+)")

Versions = Mapping[str, str]
"""Files, as in ``faq/类别/编号.md``, with what they hold as git names it."""


@dataclass(frozen=True)
class Listed:
    """What was taken over. number: how far the shared folder's published line went then; 0 where it has none."""

    number: int = 0
    files: Versions = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The list as it is written."""
        lines = [f"{version} {name}" for name, version in sorted(self.files.items())]
        return "\n".join([_HEAD, f"number {self.number}", *lines]) + "\n"


@dataclass(frozen=True)
class Source:
    """The shared knowledge as it was after one change; texts are read from the history, never from files being written."""

    repo: Repo
    commit: Commit
    number: int

    def versions(self, known: Versions) -> dict[str, str]:
        """Return the shared files as they would be written in a town; those that are ``known`` need not be read."""
        found = {}
        for raw_name, id_ in gitstore.listed(self.repo, self.commit.tree):
            name, version = raw_name.decode("utf-8", "replace"), id_.decode()
            if is_shared(name):
                found[name] = version if known.get(name) == version else version_of(self.text(name).encode())
        return found

    def raw(self, name: str) -> bytes:
        """Return what a file holds. Raises LookupError where there is none."""
        found = gitstore.content(self.repo, self.commit, name.encode())
        if found is None:
            raise LookupError(name)
        return found

    def text(self, name: str) -> str:
        """Return a file as a text. Raises LookupError where there is none."""
        return plain(text_of(self.raw(name)))


def read_list(town: Path) -> Listed:
    """Return what the town's list says; what cannot be read in it counts as not taken over."""
    lines = (read(town / FILE) or "").splitlines()
    number = next((int(line[7:]) for line in lines if re.fullmatch(r"number \d{1,9}", line)), 0)
    return Listed(number, {found[2]: found[1] for line in lines if (found := _LINE.fullmatch(line))})


@contextmanager
def source(shared: Path) -> Iterator[Source | None]:
    """Lend the shared knowledge as it was published last, or recorded where it is not published; None where it never was."""
    repo = gitstore.opened(shared)
    if repo is None:
        yield None
        return
    with repo:
        line = publish.published_in(shared)
        last = gitstore.at(repo, line.head) if line.number else gitstore.head(repo)
        yield Source(repo, last, line.number) if last else None


def mark_of(shared: Path) -> str:
    """Return which change of the shared knowledge ``source`` would lend, without opening its history."""
    line = publish.published_in(shared)
    return f"{line.number} {line.head or gitstore.head_id(shared)}\n"


def is_shared(name: str) -> bool:
    """Tell whether towns follow a file."""
    return name in FOLLOWED or (name.startswith("faq/") and name.endswith(".md") and name.count("/") == 2)


def whose(name: str) -> str:
    """Return the entry that a file is of, in whatever category; of others their name."""
    return Path(name).stem if name.startswith("faq/") else name


def grouped(files: Versions) -> dict[str, dict[str, str]]:
    """Return files by whose they are."""
    found: dict[str, dict[str, str]] = {}
    for name, version in files.items():
        found.setdefault(whose(name), {})[name] = version
    return found


def version_of(raw: bytes) -> str:
    """Return how git names what a file holds."""
    return Blob.from_string(raw).id.decode()


def held_in(town: Path) -> dict[str, str]:
    """Return the town's files of the kinds that are shared, as they are in the folder now. Raises OSError."""
    found = {name.decode("utf-8", "replace"): entry.sha.decode() for name, entry in gitstore.state(town).entries.items()}
    return {name: version for name, version in found.items() if is_shared(name)}
