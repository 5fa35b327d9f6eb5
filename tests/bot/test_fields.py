"""What people write for a row of a register: taken as it is meant, or refused with what to do."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faq.lists import read_lists
from bot.ledger.register.definitions import REGISTERS, named
from bot.ledger.register.fields import Field, Lists, Register, corrected, described, validated
from bot.ledger.register.values import Unfit, day, text
from tests.conftest import KNOWLEDGE, write_entry

TODAY = date(2026, 11, 23)
LISTS = Lists(
    {
        "村": ("示例一村", "示例二村"),
        "类别": ("劳动与工资", "婚姻"),
        "人群": ("农民", "农民工", "妇女"),
        "七进": ("机关", "乡村"),
        "形式": ("“两委”专题学习会", "法治课堂", "LED标语"),
        "明白人类别": ("村干部", "人民调解员"),
    }
)
GOOD: dict[str, dict[str, Any]] = {
    "offline": {"日期": "2026-03-15", "村": "示例一村", "方式": "来访", "类别": "婚姻", "解答人": "法律顾问"},
    "services": {"日期": "2026-03-15", "服务对象": "村（社区）", "村": "示例一村", "顾问姓名": "示例顾问", "类别": "坐班值班"},
    "people": {"登记日期": "2026-03-15", "姓名": "示例人员", "村": "示例一村", "人员类别": "村干部"},
    "trainings": {"日期": "2026-03-15", "主题": "民法典", "参加人次": 67},
    "activities": {"日期": "2026-03-15", "主题": "讨薪", "形式": "法治课堂"},
    "disputes": {"受理日期": "2026-03-15", "村": "示例一村", "纠纷类型": "邻里", "来源": "主动调解", "调解主体": "村调委会"},
    "inspections": {"日期": "2026-03-15", "村": "示例一村"},
}


def said(key: str, **more: Any) -> tuple[dict[str, Any], list[str]]:
    row, faults = validated(REGISTERS[key], GOOD[key] | more, LISTS, today=TODAY)
    return row, [str(fault) for fault in faults]


@pytest.mark.parametrize("key", REGISTERS)
def test_the_required_fields_are_enough_and_the_others_get_their_defaults(key: str) -> None:
    row, faults = said(key)
    assert faults == []
    assert set(row) == {f.key for f in REGISTERS[key].fields}
    assert {f.key: row[f.key] for f in REGISTERS[key].fields if f.default is not None} == {
        f.key: f.default for f in REGISTERS[key].fields if f.default is not None
    }


@pytest.mark.parametrize("key", REGISTERS)
def test_every_required_field_is_asked_for(key: str) -> None:
    _, faults = validated(REGISTERS[key], {}, LISTS, today=TODAY)
    needed = [f.heading for f in REGISTERS[key].fields if f.required and f.default is None and f.only is None]
    assert [fault.field for fault in faults] == needed == [h for h in GOOD[key] if h != "村" or key != "services"]
    assert {(fault.problem, fault.remedy) for fault in faults} == {("没有填", "必须填")}


def test_a_register_is_named_by_its_key_or_title() -> None:
    assert [named(word) for word in ("activities", "普法活动", " 普法活动台账 ")] == [REGISTERS["activities"]] * 3
    assert named("活动") is None


@pytest.mark.parametrize(
    "word",
    ["2026-05-01", "2026/5/1", "2026.5.1", "2026年5月1日", "２０２６年５月１日", " 2026 年 5 月 1 号 ", "20260501", "46143",
     "2026-05-01 00:00:00", 20260501, 46143, 46143.0, 46143.75, date(2026, 5, 1), datetime(2026, 5, 1, 9, 30)],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(word: object) -> None:
    assert day(word, TODAY) == "2026-05-01"


DAYS = [
    ("2026-02-29", "没有「2026-02-29」这一天"),
    ("2026-13-01", "没有「2026-13-01」这一天"),
    ("2026年5月", "不是日期"),
    ("5月1日", "不是日期"),
    ("去年", "不是日期"),
    ("26-05-01", "不是日期"),
    (True, "不是日期"),
    (0.5, "不是日期"),
    (float("nan"), "不是日期"),
    (10**30, "不是日期"),
    ("2026-11-24", "还没有到"),
    ("1999-12-31", "太早"),
]


@pytest.mark.parametrize(("word", "problem"), DAYS)
def test_what_is_no_day_of_the_past_is_refused(word: object, problem: str) -> None:
    with pytest.raises(Unfit) as e:
        day(word, TODAY)
    assert problem in e.value.problem and e.value.remedy


def test_the_leap_day_is_a_day_and_today_is_one() -> None:
    assert [day("2024-02-29", TODAY), day("2026-11-23", TODAY)] == ["2024-02-29", "2026-11-23"]


VALUES = [
    ("activities", "参加人次", "８０", "attendance", 80),
    ("activities", "参加人次", 80.0, "attendance", 80),
    ("activities", "参加人次", "1,200", "attendance", 1200),
    ("activities", "资料（份、张）", "0", "leaflets", 0),
    ("activities", "形式", "两委专题学习会", "form", "“两委”专题学习会"),
    ("activities", "形式", "ＬＥＤ 标语", "form", "LED标语"),
    ("activities", "场次", "", "times", 1),
    ("activities", "备注", "第一行\r\n  第二行_x000D_\n", "remark", "第一行\n第二行"),
    ("activities", "照片等佐证", "IMG_20260315_101530.jpg", "evidence", "IMG_20260315_101530.jpg"),
    ("offline", "人群", "妇女，农民工/妇女", "groups", "农民工、妇女"),
    ("offline", "村", "外镇", "village", "外镇"),
    ("offline", "类别", "其他", "category", "其他"),
    ("offline", "解答人姓名", 5.0, "adviser", "5"),
    ("offline", "问题摘要", "我叫他打13800138000，身份证441602198001011234", "summary", "我叫他打[手机号]，身份证[证件号]"),
    ("offline", "问题摘要", "2026-03-15 10:30 来过，电话 0762-1234567", "summary", "2026-03-15 10:30 来过，电话 [电话号]"),
    ("services", "服务对象", "村(社区)", "served", "村（社区）"),
    ("services", "村委确认", True, "confirmed", "是"),
    ("services", "开始时间", "9点半", "started", "09:30"),
    ("services", "开始时间", "９：０５", "started", "09:05"),
    ("services", "开始时间", time(9, 5), "started", "09:05"),
    ("services", "开始时间", datetime(1899, 12, 30, 9, 5), "started", "09:05"),
    ("services", "开始时间", timedelta(hours=9, minutes=5), "started", "09:05"),
    ("services", "开始时间", 0.375, "started", "09:00"),
    ("services", "开始时间", "14时", "started", "14:00"),
    ("services", "小时数", "2.50", "hours", 2.5),
    ("disputes", "涉及金额（万元）", 0.1 + 0.2, "amount", 0.3),
    ("disputes", "受理日期", "2026/3/15", "day", "2026-03-15"),
]


@pytest.mark.parametrize(("key", "heading", "word", "field", "value"), VALUES)
def test_a_value_is_kept_as_it_is_meant(key: str, heading: str, word: object, field: str, value: object) -> None:
    row, faults = said(key, **{heading: word})
    assert faults == []
    assert (row[field], type(row[field])) == (value, type(value))


FAULTS = [
    ("activities", {"参加人次": "约80"}, "「参加人次」「约80」不是数。只写整数，比如 12。"),
    ("activities", {"参加人次": "80人"}, "「参加人次」「80人」不是数。只写整数，比如 12。"),
    ("activities", {"参加人次": 80.5}, "「参加人次」80.5 不是整数。只写整数，比如 12。"),
    ("activities", {"参加人次": -1}, "「参加人次」-1 太小。不能小于0。"),
    ("activities", {"参加人次": "－1"}, "「参加人次」-1 太小。不能小于0。"),
    ("activities", {"参加人次": 13800138000}, "「参加人次」13800138000 太大。不能大于1e+06，看看是不是填错了列。"),
    ("activities", {"参加人次": float("inf")}, "「参加人次」不是数，或者太大。只写整数，比如 12。"),
    ("activities", {"参加人次": "9" * 400}, "「参加人次」不是数，或者太大。"),
    ("activities", {"参加人次": 10**400}, "「参加人次」不是数，或者太大。"),
    ("activities", {"参加人次": "1,20"}, "「参加人次」「1,20」不是数。"),
    ("activities", {"参加人次": True}, "「参加人次」「是」不是数。只写整数，比如 12。"),
    ("activities", {"参加人次": date(2026, 1, 1)}, "「参加人次」「2026-01-01」不是数。只写整数，比如 12。"),
    ("activities", {"形式": "法制课堂"}, "「形式」没有「法制课堂」这一项。是不是「法治课堂」？只能填：“两委”专题学习会、"),
    ("activities", {"主题": "长" * 1001}, "「主题」太长，有1001字。最多1000字，写短一点。"),
    ("activities", {"照片等佐证": "签到 13800138000"}, "「照片等佐证」里面像有手机号或身份证号。去掉它，台账不记个人号码。"),
    ("activities", {"date": "x"}, "「date」不是普法活动的栏目。"),
    ("activities", {"day": "2026-03-15"}, "「日期」写了两次。只留一个。"),
    ("offline", {"人数": 0}, "「人数」0 太小。不能小于1。"),
    ("offline", {"满意度": 6}, "「满意度」6 太大。不能大于5。"),
    ("offline", {"人群": "农民、外星人"}, "「人群」没有「外星人」这一项。只能填：农民、农民工、妇女。"),
    ("offline", {"类别": "婚姻家庭"}, "「类别」没有「婚姻家庭」这一项。是不是「婚姻」？"),
    ("people", {"证号": "441602198001011234"}, "「证号」里面像有手机号或身份证号。"),
    ("people", {"退出日期": "2026-05-01"}, "「退出原因」没有填。必须填。"),
    ("people", {"退出原因": "外出"}, "「退出原因」填了「退出日期」才填。清空它，或者核对「退出日期」。"),
    ("people", {"退出日期": "2026-03-14", "退出原因": "外出"}, "「退出日期」2026-03-14 在「登记日期」2026-03-15 之前。"),
    ("services", {"村": ""}, "「村」没有填。必须填。"),
    ("services", {"服务对象": "镇政府"}, "「村」「服务对象」是村（社区）才填。清空它，或者核对「服务对象」。"),
    ("services", {"开始时间": "下午2点"}, "「开始时间」「下午2点」不是钟点。按24小时写成 09:30 或 14:00。"),
    ("services", {"开始时间": "25:00"}, "不是钟点"),
    ("services", {"开始时间": "9:"}, "不是钟点"),
    ("services", {"开始时间": 9}, "不是钟点"),
    ("services", {"开始时间": "11:00", "结束时间": "09:00"}, "「结束时间」09:00 不在开始时间 11:00 之后。"),
    ("services", {"开始时间": "09:00", "结束时间": "11:00", "小时数": 2.2}, "「小时数」填的是2.2，09:00 到 11:00 是2。"),
    ("services", {"小时数": 25}, "「小时数」25 太大。不能大于24。"),
    ("disputes", {"结果": "成功"}, "「办结日期」没有填。必须填。"),
    ("disputes", {"办结日期": "2026-04-01"}, "「办结日期」「结果」是成功或不成才填。"),
    ("disputes", {"结果": "不成", "办结日期": "2026-04-01", "协议形式": "口头"}, "「协议形式」「结果」是成功才填。"),
    ("disputes", {"结果": "成功", "办结日期": "2026-03-14"}, "「办结日期」2026-03-14 在「受理日期」2026-03-15 之前。"),
    ("disputes", {"当事人数": 1}, "「当事人数」1 太小。不能小于2。"),
    ("disputes", {"纠纷类型": "婚姻家庭纠纷"}, "没有「婚姻家庭纠纷」这一项。是不是「婚姻家庭」？"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "more", "fault"), FAULTS)
def test_what_does_not_fit_is_refused_with_what_to_do(key: str, more: dict[str, Any], fault: str) -> None:
    _, faults = said(key, **more)
    assert len(faults) == 1 and fault in faults[0], faults


def test_a_number_in_a_message_is_masked() -> None:
    _, (fault,) = said("activities", 形式="13800138000")
    assert "13800138000" not in fault


def test_the_hours_are_worked_out_where_they_are_not_given() -> None:
    times = {"开始时间": "09:00", "结束时间": "09:20"}
    row, faults = said("services", **times)
    assert (row["hours"], faults) == (0.3333, [])
    assert round(24 * row["hours"], 2) == 8
    assert said("services", 小时数=0.4, **times)[0]["hours"] == 0.4


def test_a_correction_names_only_what_changes() -> None:
    register = REGISTERS["disputes"]
    row, _ = said("disputes")
    changes, faults = corrected(
        register, row, {"结果": "成功", "办结日期": "2026-04-02", "协议形式": "口头"}, LISTS, today=TODAY
    )
    assert (changes, faults) == ({"result": "成功", "closed_on": "2026-04-02", "agreement": "口头"}, [])
    changes, faults = corrected(register, row | changes, {"结果": "在办"}, LISTS, today=TODAY)
    assert [fault.field for fault in faults] == ["办结日期", "协议形式"]


def test_a_correction_keeps_a_choice_that_the_town_has_dropped() -> None:
    register = REGISTERS["activities"]
    row, _ = said("activities")
    fewer = Lists({"形式": ("别的",)})
    assert corrected(register, row, {"参加人次": "80"}, fewer, today=TODAY) == ({"attendance": 80}, [])
    assert [f.field for f in corrected(register, row, {"形式": "法治课堂"}, fewer, today=TODAY)[1]] == ["形式"]


def test_a_corrected_time_corrects_the_hours() -> None:
    register = REGISTERS["services"]
    row, _ = said("services", 开始时间="09:00", 结束时间="11:00")
    assert corrected(register, row, {"结束时间": "12:00"}, LISTS, today=TODAY) == ({"ended": "12:00", "hours": 3.0}, [])
    assert corrected(register, row, {"开始时间": ""}, LISTS, today=TODAY) == ({"started": None}, [])


def test_a_blank_correction_empties_a_field_or_brings_its_default_back() -> None:
    register = REGISTERS["activities"]
    row, _ = said("activities", 参加人次=5, 场次=3)
    assert corrected(register, row, {"参加人次": "", "场次": " "}, LISTS, today=TODAY) == ({"attendance": None, "times": 1}, [])
    assert [f.problem for f in corrected(register, row, {"主题": ""}, LISTS, today=TODAY)[1]] == ["没有填"]


def test_a_field_says_what_to_fill_in_and_when() -> None:
    services, disputes = REGISTERS["services"], REGISTERS["disputes"]
    assert described(services, services.fields[2], LISTS) == "选一项：示例一村、示例二村。「服务对象」是村（社区）时必填"
    agreement = disputes.field("协议形式")
    assert agreement and described(disputes, agreement, LISTS) == "选一项：口头、书面。「结果」是成功时才填"


ANYTHING = st.one_of(
    st.text(max_size=20), st.integers(), st.floats(), st.booleans(), st.none(), st.dates(), st.datetimes(), st.times(),
    st.timedeltas(),
)  # fmt: skip
KINDS = (
    Field("a", "甲"), Field("b", "乙", "choice", choices=("是", "否")), Field("c", "丙", "choices", choices=("是", "否")),
    Field("d", "丁", "count"), Field("e", "戊", "amount"), Field("f", "己", "date"), Field("g", "庚", "time"),
)  # fmt: skip


@given(st.lists(ANYTHING, min_size=7, max_size=7))
def test_anything_is_kept_in_its_kind_or_refused(words: list[Any]) -> None:
    register = Register("x", "台账", KINDS)
    row, faults = validated(register, dict(zip("甲乙丙丁戊己庚", words, strict=True)), LISTS, today=TODAY)
    refused = {fault.field for fault in faults}
    for f in KINDS:
        kept = row[f.key]
        assert kept is None or (f.heading not in refused and isinstance(kept, {"count": int, "amount": float}.get(f.kind, str)))
    again, none = validated(register, {f.key: row[f.key] for f in KINDS}, LISTS, today=TODAY)
    assert (again, none) == (row, [])


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_a_text_that_was_kept_is_kept_the_same_again(word: str) -> None:
    assert text(text(word)) == text(word)


def test_the_lists_come_from_the_knowledge_folder(knowledge: Path) -> None:
    write_entry(knowledge, "scam", "被骗了怎么办？", ["被骗钱"], category="诈骗")
    (knowledge / "catalogue.yaml").write_text("诈骗: [scam]\n没有条目的: [none]\n婚姻: [divorce]\n", encoding="utf-8")
    lists, findings = read_lists(knowledge)
    assert lists and findings == []
    assert lists.texts["类别"] == ("诈骗", "婚姻", "劳动与工资")
    assert lists.texts["村"][:2] == ("示例一村", "示例二村")
    assert lists.groups["“两委”专题学习会"] == "学习" and lists.groups["法治课堂"] == "宣传"
    assert list(lists.groups) == list(lists.texts["形式"])


def test_the_shipped_lists_fit_every_example_of_the_registers() -> None:
    lists, findings = read_lists(KNOWLEDGE)
    assert lists and findings == []
    assert [len(lists.texts[name]) for name in ("七进", "形式", "人群", "明白人类别")] == [7, 15, 8, 10]
    named_lists = {f.listed for register in REGISTERS.values() for f in register.fields if f.listed}
    assert named_lists == set(lists.texts)
    for register in REGISTERS.values():
        example = {f.key: f.example for f in register.fields if f.example} | {
            f.key: f.allowed(lists)[0] for f in register.fields if f.listed
        }
        assert validated(register, example, lists, today=datetime.now(UTC).date())[1] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  - 机关", "  - 机关\n  - 机 关"),
        ("人群:", "谁:"),
        ("  - 老年人", "  - 老年人、老人"),
        ("- 法治讲座", "- 支部专题学习"),
        ("七进:", "七进: ["),
    ],
)
def test_lists_that_cannot_be_used_are_named(knowledge: Path, old: str, new: str) -> None:
    path = knowledge / "registers.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    lists, findings = read_lists(knowledge)
    assert lists is None and {f.path.name for f in findings} == {"registers.yaml"}
