"""Tables of consultations: volume, villages, categories, misses, and how well questions were answered."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.ledger.counting import ANSWERERS, NOBODY, UNCLASSIFIED, UNSAID, Count
from bot.message import CHANNELS
from bot.reports.table import Cell, Chart, Column, Rate, Row, Table, sum_row

_WHO = (*ANSWERERS[1:], NOBODY)
_ELSEWHERE = ("外镇", UNSAID)

Topics = Mapping[str, str]
"""What the id of an entry is called."""


def total(count: Count) -> Table:
    """Turns, consultations and people of the whole period, beside each other and never added up."""
    facts = count.consultations
    cells: tuple[Cell, ...] = (
        sum(count.turns.values()),
        facts.tally().get((), 0),
        facts.people().get((), 0),
        sum(count.left_out.values()),
        count.retries,
        count.crises,
    )
    columns = (
        Column("turns", "消息条数", where={"rows": "turns"}),
        Column("consultations", "咨询人次"),
        Column("people", "咨询人数"),
        Column("left_out", "不计入咨询的消息", where={"rows": "turns", "reason": "*"}),
        Column("retries", "微信重发（不计入消息条数）", where={"rows": "turns", "retries": "*"}),
        Column("crises", "急事提示", where={"rows": "turns", "decision": "crisis"}),
    )
    return Table("total", "合计", columns, (Row(cells),))


def left_out(count: Count) -> Table:
    """Why messages were not counted."""
    rows = [Row((why, n), {"reason": why}) for why, n in sorted(count.left_out.items(), key=lambda item: (-item[1], item[0]))]
    rows.append(Row(("合计", sum(count.left_out.values())), {"reason": "*"}, total=True))
    columns = (Column("reason", "原因", "text"), Column("turns", "消息条数"))
    return Table("left_out", "不计入咨询的消息", columns, tuple(rows), source="turns")


def by_month(count: Count, months: Sequence[str]) -> Table:
    """Volume of each month: in all, by channel, by who answered."""
    facts = count.consultations
    sums, people = facts.tally("month"), facts.people("month")
    channel, who = facts.tally("month", "channel"), facts.tally("month", "answered_by")
    channels, answerers = _used(CHANNELS, facts.names("channel")), _used(_WHO, facts.names("answered_by"))
    columns = (
        Column("month", "月份", "text"),
        Column("turns", "消息条数", where={"rows": "turns"}),
        Column("consultations", "咨询人次"),
        Column("people", "咨询人数"),
        *(Column(c, c, where={"channel": c}) for c in channels),
        *(Column(w, f"{w}解答" if w != NOBODY else w, where={"answered_by": w}) for w in answerers),
    )
    rows = [
        Row(
            (
                month,
                count.turns.get(month, 0),
                sums.get((month,), 0),
                people.get((month,), 0),
                *(channel.get((month, c), 0) for c in channels),
                *(who.get((month, w), 0) for w in answerers),
            ),
            {"month": month},
        )
        for month in months
    ]
    note = (
        "按方式的各列之和、按解答主体的各列之和，都等于咨询人次。"
        "各月的咨询人数不能相加：一个人在几个月里都可能来问，合计行是整个期间的人数。"
    )
    whole = sum_row("合计", columns, rows)
    cells = (*whole.cells[:3], facts.people().get((), 0), *whole.cells[4:])
    return Table(
        "by_month",
        "咨询量：按月、方式、解答主体",
        columns,
        (*rows, Row(cells, total=True)),
        note=note,
        chart=Chart("stacked", "各月咨询人次（按方式）", "month", tuple(channels)) if channels else None,
    )


def month_channel(count: Count, months: Sequence[str]) -> Table:
    """Each month and channel, with who answered."""
    facts = count.consultations
    found = facts.tally("month", "channel", "answered_by")
    columns = (
        Column("month", "月份", "text"),
        Column("channel", "方式", "text"),
        *(Column(w, f"{w}解答" if w != NOBODY else w, where={"answered_by": w}) for w in _WHO),
        Column("total", "合计"),
    )
    rows = []
    for month in months:
        for channel in _used(CHANNELS, facts.names("channel")):
            cells = [found.get((month, channel, w), 0) for w in _WHO]
            if any(cells):
                rows.append(Row((month, channel, *cells, sum(cells)), {"month": month, "channel": channel}))
    whole = sum_row("合计", columns, rows, texts=2)
    return Table("month_channel", "咨询量：月份 × 方式 × 解答主体", columns, (*rows, whole))


def by_category(count: Count, categories: Sequence[str], types: Mapping[str, str]) -> Table:
    """Consultations and people of each category, with the mediation type it belongs to."""
    facts = count.consultations
    sums, people = facts.tally("category"), facts.people("category")
    outcome = facts.tally("category", "outcome")
    all_ = facts.tally().get((), 0)
    rows = []
    for name in _used((*categories, "其他", UNCLASSIFIED), [n for (n,) in sums]):
        answered = outcome.get((name, "已答"), 0)
        cells = (name, sums[name,], people[name,], Rate(sums[name,], all_), Rate(answered, sums[name,]), types.get(name) or "—")
        rows.append(Row(cells, {"category": name}))
    answered = sum(n for (_, o), n in outcome.items() if o == "已答")
    columns = (
        Column("category", "类别", "text"),
        Column("consultations", "咨询人次"),
        Column("people", "咨询人数"),
        Column("share", "占全部人次", "rate"),
        Column("answered", "答复率", "rate"),
        Column("type", "对应的纠纷类型", "text"),
    )
    whole = Row(("合计", all_, facts.people().get((), 0), Rate(all_, all_), Rate(answered, all_), ""), total=True)
    note = "答复率 = 已答的人次 ÷ 这一类的人次。各类的咨询人数不能相加。"
    chart = Chart("bar", "各类别咨询人次", "category", ("consultations",)) if rows else None
    return Table("by_category", "按类别", columns, (*rows, whole), note=note, chart=chart)


def village_category(count: Count, villages: Sequence[str], categories: Sequence[str]) -> Table:
    """Village by category; every row is there, also where nobody asked: one that is missing would say that it is 0."""
    found = count.consultations.tally("village", "category")
    names = _used((*categories, "其他", UNCLASSIFIED), [c for _, c in found])
    rows = []
    others = [v for v in dict.fromkeys(v for v, _ in found) if v not in villages and v not in _ELSEWHERE]
    for village in (*villages, *others, *_ELSEWHERE):
        cells = [found.get((village, name), 0) for name in names]
        rows.append(Row((village, *cells, sum(cells)), {"village": village}))
    columns = (
        Column("village", "村（社区）", "text"),
        *(Column(name, name, where={"category": name}) for name in names),
        Column("total", "合计"),
    )
    note = "期间有包含关系的几份报表（如1至11月和全年），这张表只对外发布一份：两份相减，会推出隐去的数。"
    return Table("village_category", "村（社区） × 类别", columns, (*rows, sum_row("合计", columns, rows)), note=note)


def category_group(
    count: Count, entered: Mapping[tuple[str, str], int], categories: Sequence[str], groups: Sequence[str]
) -> Table:
    """Category by group of people, as ``entered`` with consultations offline; one person may belong to several groups."""
    sums = {name: n for (name,), n in count.consultations.tally("category").items()}
    known = _used(groups, [g for _, said in entered for g in said.split("、")])
    columns = (
        Column("category", "类别", "text"),
        *(Column(group, group, where={"groups": group}) for group in known),
        Column(UNSAID, UNSAID, where={"groups": UNSAID}),
        Column("total", "咨询人次"),
    )
    rows = []
    for name in _used((*categories, "其他", UNCLASSIFIED), list(sums)):
        said = {groups_: n for (category, groups_), n in entered.items() if category == name}
        cells = [sum(n for g, n in said.items() if group in g.split("、")) for group in known]
        rows.append(Row((name, *cells, sums[name] - sum(said.values()), sums[name]), {"category": name}))
    note = "人群由登记人填写，只有来访、电话、微信群的登记里有；一个人可以属于几种人群，各列相加可能超过咨询人次。"
    return Table("category_group", "类别 × 人群", columns, (*rows, sum_row("合计", columns, rows)), note=note)


def unanswered(count: Count, topics: Topics, *, limit: int = 20) -> Table:
    """The topics that were missed most: one without an entry, or the entry that came nearest and was too far."""
    found = sorted(count.topics.items(), key=lambda item: (item[0] == UNCLASSIFIED, -item[1], item[0]))
    rows = []
    for place, (topic, number) in enumerate(found[:limit], 1):
        name = topics.get(topic)
        kind = "—" if topic == UNCLASSIFIED else "有相近的条目，问法没有认出来" if name else "没有条目"
        rows.append(Row((place, name or topic, kind, number), {"rows": "turns", "topic": topic}))
    columns = (
        Column("place", "名次"),
        Column("topic", "话题（或最相近的条目）", "text"),
        Column("kind", "情况", "text"),
        Column("turns", "没答上的问题（条）"),
    )
    rest = sum(n for _, n in found[limit:])
    if rest:
        rows.append(Row((None, "其余话题", "", rest)))
    rows.append(Row((None, "合计", "", sum(count.topics.values())), {"rows": "turns", "topic": "*"}, total=True))
    note = "按消息条数计，不是人次。话题是机器人归的，只供查找缺哪些条目。"
    return Table("unanswered", f"没答上的问题，前{limit}个话题", columns, tuple(rows), note=note)


def quality(count: Count, waited: "Waited") -> Table:
    """How well questions were answered: by the bot, and by people."""
    facts = count.consultations
    all_ = facts.tally().get((), 0)
    outcome = facts.tally("outcome")
    verdicts = count.verdicts
    judged = sum(verdicts.values())
    turns = {"rows": "turns", "decision": "answer"}
    rows: list[tuple[str, Cell, Rate | None, str, dict[str, str]]] = [
        ("咨询人次", all_, None, "", {}),
        ("　其中已答", outcome.get(("已答",), 0), Rate(outcome.get(("已答",), 0), all_), "咨询人次", {"outcome": "已答"}),
        ("　给了选项没有选", outcome.get(("待选",), 0), Rate(outcome.get(("待选",), 0), all_), "咨询人次", {"outcome": "待选"}),
        ("　没答上", outcome.get(("未答",), 0), Rate(outcome.get(("未答",), 0), all_), "咨询人次", {"outcome": "未答"}),
        ("机器人直接回答（条）", count.answers, None, "", turns),
        ("　群众作了评价", judged, Rate(judged, count.answers), "直接回答", turns | {"verdict": "*"}),
        ("　评价「有用」", verdicts["有用"], Rate(verdicts["有用"], judged), "作了评价", turns | {"verdict": "helped"}),
        ("　评价「没用」", verdicts["没用"], Rate(verdicts["没用"], judged), "作了评价", turns | {"verdict": "useless"}),
        ("　答非所问（群众回0重选）", verdicts["答非所问"], Rate(verdicts["答非所问"], count.answers), "直接回答",
         turns | {"verdict": "wrong"}),
        ("转人工的问题", waited.opened, None, "", {"rows": "tickets"}),
        ("　已由人答复", waited.answered, Rate(waited.answered, waited.opened), "转人工的问题",
         {"rows": "tickets", "answered_at": "*"}),
        ("　24小时内答复", waited.in_time, Rate(waited.in_time, waited.opened), "转人工的问题",
         {"rows": "tickets", "in_time": "是"}),
        ("　从转人工到答复（小时，中位数）", waited.median_hours, None, "", {"rows": "tickets", "answered_at": "*"}),
    ]  # fmt: skip
    columns = (
        Column("item", "项目", "text"),
        Column("number", "数", "amount"),
        Column("rate", "占比", "rate"),
        Column("of", "占比的分母", "text"),
    )
    return Table("quality", "答复情况", columns, tuple(Row((i, n, r, of), w) for i, n, r, of, w in rows))


class Waited:
    """How long the questions that went to a person waited. ``hours``: of each that was answered."""

    def __init__(self, opened: int, hours: Sequence[float], in_time: int) -> None:
        self.opened, self.answered, self.in_time = opened, len(hours), in_time
        self.median_hours = median(hours)


def median(hours: Sequence[float]) -> Decimal | None:
    """Return the median, one decimal; None of nothing."""
    if not hours:
        return None
    ordered, middle = sorted(hours), len(hours) // 2
    found = ordered[middle] if len(hours) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return Decimal(str(found)).quantize(Decimal("0.1"))


def _used(order: Sequence[str], found: Sequence[str]) -> list[str]:
    """Return the names that occur, in ``order``; those that it does not name come last."""
    return [name for name in order if name in found] + sorted(set(found) - set(order))
