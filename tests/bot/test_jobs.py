"""Work in the background: one of a kind at a time, for one person alone, gone after an hour."""

import stat
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.reports.jobs import AT_ONCE, INTERRUPTED, KEPT, LONGEST, UNEXPECTED, Busy, Job, Jobs, Plain, Step, Work

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(tmp_path: Path, clock: Clock) -> Jobs:
    return Jobs(tmp_path / "reports", clock)


def start(jobs: Jobs, work: Work, *, owner: int = 1, wanted: str = "x", kind: str = "word") -> Job:
    return jobs.start(kind, work, owner=owner, wanted=wanted, name="报告.docx", type_="text/plain", office=False)


def until(jobs: Jobs, job: Job, is_so: Callable[[Job], bool]) -> Job:
    for _ in range(500):
        if (found := jobs.find(job.id, job.owner)) and is_so(found):
            return found
        time.sleep(0.01)
    raise AssertionError(found)


def over(jobs: Jobs, job: Job) -> Job:
    return until(jobs, job, lambda found: found.is_over)


def held() -> tuple[threading.Event, Work]:
    """Return work that waits, and what lets it go on."""
    go = threading.Event()

    def work(step: Step) -> bytes:
        step("counting")
        go.wait(5)
        step("writing")
        return b"done"

    return go, work


def test_work_that_is_done_leaves_a_file_for_its_owner_alone(jobs: Jobs) -> None:
    job = over(jobs, start(jobs, lambda step: b"content"))
    path = jobs.folder / job.id / "result"
    assert (jobs.result(job), path.read_bytes()) == (b"content", b"content")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert (jobs.find(job.id, 1) or job).stage == "ready"
    assert jobs.find(job.id, 2) is None
    assert jobs.of(2) == []


@pytest.mark.parametrize("id_", ["", "..", "../../etc/passwd", "a" * 43, "a" * 42, "\0" * 43, "／" * 43])
def test_a_name_that_is_none_finds_nothing(jobs: Jobs, id_: str) -> None:
    assert jobs.find(id_, 1) is None


def test_each_stage_is_seen_by_another_process(jobs: Jobs, clock: Clock) -> None:
    go, work = held()
    job = start(jobs, work)
    elsewhere = Jobs(jobs.folder, clock)
    assert until(elsewhere, job, lambda found: found.stage == "counting").name == "报告.docx"
    go.set()
    assert over(elsewhere, job).stage == "ready"


def test_one_of_a_kind_is_done_at_a_time(jobs: Jobs) -> None:
    go, work = held()
    first = start(jobs, work, wanted="a")
    until(jobs, first, lambda found: found.stage == "counting")
    second = start(jobs, lambda step: b"", wanted="b", owner=2)
    other = start(jobs, lambda step: b"", wanted="c", kind="tables")
    assert over(jobs, other).stage == "ready"
    assert (jobs.find(second.id, 2) or other).stage == "waiting"
    go.set()
    assert over(jobs, second).stage == "ready"


def test_a_second_click_finds_the_first(jobs: Jobs, clock: Clock) -> None:
    go, work = held()
    job = start(jobs, work)
    assert start(jobs, work).id == job.id
    assert start(jobs, lambda step: b"", owner=2).id != job.id
    go.set()
    over(jobs, job)
    assert start(jobs, work).id == job.id
    clock.now += timedelta(minutes=1)  # the ledger may have changed
    assert start(jobs, work).id != job.id


def test_who_has_too_much_under_way_waits(jobs: Jobs) -> None:
    go, work = held()
    started = [start(jobs, work, wanted=str(n)) for n in range(AT_ONCE)]
    with pytest.raises(Busy):
        start(jobs, work, wanted="one more")
    go.set()
    for job in started:
        over(jobs, job)
    over(jobs, start(jobs, lambda step: b"", wanted="one more"))


def test_cancelled_work_stops_at_its_next_stage_and_leaves_nothing(jobs: Jobs) -> None:
    go, work = held()
    job = start(jobs, work)
    until(jobs, job, lambda found: found.stage == "counting")
    jobs.cancel(job)
    assert (jobs.find(job.id, 1) or job).stage == "cancelled"
    go.set()
    time.sleep(0.1)
    found = over(jobs, job)
    assert (found.stage, jobs.result(found)) == ("cancelled", None)
    assert not (jobs.folder / job.id / "result").exists()


def test_what_is_ready_can_be_deleted(jobs: Jobs) -> None:
    job = over(jobs, start(jobs, lambda step: b"x"))
    jobs.cancel(job)
    assert jobs.find(job.id, 1) is None
    assert not (jobs.folder / job.id).exists()


def test_an_error_is_said_in_words_and_details_only_in_the_log(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    def plain(step: Step) -> bytes:
        raise Plain("模板坏了")

    def unexpected(step: Step) -> bytes:
        raise ZeroDivisionError("secret")

    assert over(jobs, start(jobs, plain, wanted="a")).problem == "模板坏了"
    assert over(jobs, start(jobs, unexpected, wanted="b")).problem == UNEXPECTED
    assert "ZeroDivisionError" in caplog.text


def test_after_an_hour_everything_is_gone(jobs: Jobs, clock: Clock) -> None:
    job = over(jobs, start(jobs, lambda step: b"x"))
    clock.now += KEPT + timedelta(seconds=1)
    assert jobs.find(job.id, 1) is None
    jobs.sweep()
    assert list(jobs.folder.iterdir()) == []
    jobs.sweep()


def test_what_another_start_of_the_server_interrupted_says_so(jobs: Jobs, clock: Clock) -> None:
    go, work = held()
    job = start(jobs, work)
    until(jobs, job, lambda found: found.stage == "counting")
    clock.now += LONGEST + timedelta(seconds=1)
    assert (jobs.find(job.id, 1) or job).problem == INTERRUPTED
    go.set()
    time.sleep(0.05)


def test_work_whose_folder_was_deleted_meanwhile_ends_quietly(jobs: Jobs) -> None:
    go, work = held()
    job = start(jobs, work)
    until(jobs, job, lambda found: found.stage == "counting")
    jobs._remove(job.id)
    go.set()
    time.sleep(0.1)
    assert not (jobs.folder / job.id).exists()
