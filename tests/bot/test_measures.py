from bot.matching.measures import Labelled, Matched, Measures, measure

CASES = [
    (Labelled("a", "x"), Matched("answer", "x", ["x", "y"])),
    (Labelled("b", "x", ("y",)), Matched("answer", "y", ["y", "x"])),
    (Labelled("c", "x"), Matched("answer", "y", ["y", "x"])),
    (Labelled("d", "x"), Matched("choose", None, ["y", "x"])),
    (Labelled("e", "x"), Matched("choose", None, ["a", "b", "c", "d", "e", "x"])),
    (Labelled("f", "x"), Matched("miss", None, [])),
    (Labelled("g", "x"), Matched("crisis", None, [])),
    (Labelled("h", "none"), Matched("answer", "x", ["x"])),
    (Labelled("i", "nonlegal"), Matched("miss", None, [])),
]


def test_measures_are_shares_of_the_questions_that_they_speak_of() -> None:
    assert measure(CASES) == Measures(
        inside=7, outside=2, top1=2 / 7, top5=4 / 7, direct_right=2 / 7, direct_wrong=1 / 7,
        offered_right=1 / 7, helped=3 / 7, missed=2 / 7, false_answer=1 / 2,
    )  # fmt: skip


def test_nothing_measured_is_nothing_and_no_error() -> None:
    assert measure([]).helped == 0
