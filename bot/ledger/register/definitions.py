"""The town's registers (台账): what each holds. The lists in here are official; a town's own come from its knowledge folder."""

from collections.abc import Mapping
from typing import Any

from bot.ledger.register.fields import Fault, Field, Register
from bot.ledger.register.values import minutes_between

YES_NO = ("是", "否")
UNKNOWN_VILLAGE, OTHER_TOWN = "未说明", "外镇"
CHANNELS = ("来访", "电话", "微信群", "代问")
ANSWERERS = ("法律明白人", "法律顾问", "司法所")
OUTCOMES = ("已解答", "转法律顾问", "转调解", "引导法律援助", "转热线", "非法律问题", "未解答")
OF_VILLAGE, OF_TOWN = SERVED = ("村（社区）", "镇政府")
MANNERS = ("到村", "线上", "电话")
SERVICES = (
    "坐班值班", "法律咨询", "法律意见书", "法治讲座", "参与调解", "法律援助", "合同审查", "文书起草", "现场解答", "其他",
)  # fmt: skip
DISPUTES = (
    "婚姻家庭", "邻里", "房屋宅基地", "合同", "生产经营", "损害赔偿", "山林土地", "征地拆迁", "环境污染", "拖欠农民工工资",
    "其他劳动争议", "旅游", "电子商务", "其他消费", "医疗", "道路交通事故", "物业", "其他",
)  # fmt: skip
"""The types, the sources and the bodies of the Ministry of Justice's statistics of people's mediation."""
SOURCES = (
    "主动调解", "依申请调解", "法院委托移送", "检察院委托移送", "公安机关委托移送", "信访部门委托移送", "其他部门委托移送",
    "委托移送（未注明）",
)  # fmt: skip
BODIES = ("村调委会", "居调委会", "乡镇调委会", "街道调委会", "企事业单位调委会", "社会团体和其他组织调委会")
SETTLED, FAILED, PENDING = RESULTS = ("成功", "不成", "在办")
AGREEMENTS = ("口头", "书面")

_DAY = Field("day", "日期", "date", required=True, example="2026-03-15")
_VILLAGE = Field("village", "村", "choice", required=True, listed="村")
_ATTENDANCE = Field("attendance", "参加人次", "count", example=80)
_REMARK = Field("remark", "备注")


def _hours(row: dict[str, Any]) -> list[Fault]:
    """Work out the hours of a service from its two times, or compare them."""
    started, ended = row["started"], row["ended"]
    if started is None or ended is None:
        return []
    minutes = minutes_between(started, ended)
    if minutes <= 0:
        return [Fault("结束时间", f"{ended} 不在开始时间 {started} 之后", "核对两个时间；过了半夜的分成两行")]
    hours = round(minutes / 60, 4)
    if row["hours"] is None:
        row["hours"] = hours
    elif abs(row["hours"] - hours) > 0.1:
        problem = f"填的是{row['hours']:g}，{started} 到 {ended} 是{round(hours, 2):g}"
        return [Fault("小时数", problem, "改成一致，或者清空它由程序算")]
    return []


_OFFLINE = (
    _DAY,
    Field("village", "村", "choice", required=True, listed="村", choices=(UNKNOWN_VILLAGE, OTHER_TOWN)),
    Field("channel", "方式", "choice", required=True, choices=CHANNELS, example="来访"),
    Field("category", "类别", "choice", required=True, listed="类别", choices=("其他",)),
    Field("groups", "人群", "choices", listed="人群"),
    Field("people", "人数", "count", default=1, least=1, example=1, hint="为同一件事一起来的有几个人"),
    Field("summary", "问题摘要", example="包工头欠三个月工钱怎么要", hint="不写姓名；电话、证件号会自动遮掉"),
    Field("answered_by", "解答人", "choice", required=True, choices=ANSWERERS, example="法律顾问"),
    Field("adviser", "解答人姓名", example="示例顾问一"),
    Field("result", "处理结果", "choice", required=True, choices=OUTCOMES, default="已解答", example="已解答"),
    Field("minutes", "用时（分钟）", "count", most=1440, example=20),
    Field("satisfaction", "满意度", "count", least=1, most=5, example=5, hint="5分最满意"),
    _REMARK,
)
_SERVICES = (
    _DAY,
    Field("served", "服务对象", "choice", required=True, choices=SERVED, example=OF_VILLAGE),
    Field("village", "村", "choice", required=True, listed="村", only=("served", (OF_VILLAGE,))),
    Field("adviser", "顾问姓名", required=True, example="示例顾问一"),
    Field("manner", "方式", "choice", choices=MANNERS, default="到村", example="到村"),
    Field("started", "开始时间", "time", example="09:00"),
    Field("ended", "结束时间", "time", example="11:30"),
    Field("hours", "小时数", "amount", most=24, follows=("started", "ended"), example=2.5, hint="空着就按开始、结束时间算"),
    Field("kind", "类别", "choice", required=True, choices=SERVICES, example="坐班值班"),
    Field("quantity", "份（件、次）数", "count", default=1, least=1, example=1, hint="文书、合同填份数，别的填次数"),
    _ATTENDANCE,
    Field("content", "内容", example="解答承包地流转的问题"),
    Field("result", "结果", example="当场答复"),
    Field("evidence", "佐证", masked=False, example="签到表、照片3张", hint="写材料的名字，材料自己存好"),
    Field("confirmed", "村委确认", "choice", choices=YES_NO, example="是"),
)
_PEOPLE = (
    Field("day", "登记日期", "date", required=True, example="2026-03-15"),
    Field("name", "姓名", required=True, example="示例人员"),
    _VILLAGE,
    Field("kind", "人员类别", "choice", required=True, listed="明白人类别"),
    Field("chosen", "遴选方式", "choice", choices=("自荐", "推荐"), example="推荐"),
    Field("qualified", "培训合格日期", "date", event="qualified", example="2026-03-10"),
    Field("certificate", "证号", event="qualified", masked=False, example="示例001"),
    Field("left_on", "退出日期", "date", since="day", event="left_on"),
    Field("left_because", "退出原因", required=True, only=("left_on", ()), event="left_on"),
)
_TRAININGS = (
    _DAY,
    Field("topic", "主题", required=True, example="民法典婚姻家庭编"),
    Field("hours", "学时", "amount", most=240, example=4),
    Field("attendance", "参加人次", "count", required=True, example=67),
    Field("everybody", "全体培训", "choice", choices=YES_NO, default="是", example="是"),
    Field("organiser", "主办", example="示例镇司法所"),
)
_ACTIVITIES = (
    _DAY,
    Field("place", "地点", example="示例一村文化广场"),
    Field("village", "村", "choice", listed="村", hint="全镇的活动空着"),
    Field("topic", "主题", required=True, example="农民工讨薪怎么办"),
    Field("setting", "七进类别", "choice", listed="七进"),
    Field("form", "形式", "choice", required=True, listed="形式"),
    Field("organiser", "主办", example="示例镇司法所"),
    Field("times", "场次", "count", default=1, example=1, hint="只发资料、挂横幅、放标语的填 0"),
    _ATTENDANCE,
    Field("leaflets", "资料（份、张）", "count", example=200),
    Field("banners", "横幅（条）", "count", example=1),
    Field("boards", "宣传牌（个）", "count"),
    Field("led", "LED（次）", "count"),
    Field("consulted", "现场咨询人次", "count", example=12),
    Field("evidence", "照片等佐证", masked=False, example="照片3张"),
    _REMARK,
)
_DISPUTES = (
    Field("day", "受理日期", "date", required=True, example="2026-03-15"),
    _VILLAGE,
    Field("type", "纠纷类型", "choice", required=True, choices=DISPUTES, example="邻里"),
    Field("source", "来源", "choice", required=True, choices=SOURCES, example="依申请调解"),
    Field("body", "调解主体", "choice", required=True, choices=BODIES, example="村调委会"),
    Field("parties", "当事人数", "count", least=2, example=2),
    Field("amount", "涉及金额（万元）", "amount", example=1.5),
    Field("hard", "疑难复杂", "choice", choices=YES_NO, default="否", example="否"),
    Field("result", "结果", "choice", required=True, choices=RESULTS, default=PENDING, event="closed_on", example=SETTLED),
    Field(
        "closed_on", "办结日期", "date", required=True, only=("result", (SETTLED, FAILED)), since="day", event="closed_on",
        example="2026-03-20",
    ),
    Field(
        "agreement", "协议形式", "choice", choices=AGREEMENTS, only=("result", (SETTLED,)), event="closed_on", example="书面"
    ),
    Field("followed_up", "回访", "choice", choices=YES_NO, event="closed_on", example="是"),
    _REMARK,
)  # fmt: skip
_INSPECTIONS = (
    _DAY,
    _VILLAGE,
    Field("rounds", "排查次数", "count", default=1, least=1, example=2),
    Field("found", "发现纠纷", "count", default=0, example=3),
    Field("prevented", "预防纠纷", "count", default=0, example=1),
    _REMARK,
)

_ALL = (
    Register("offline", "线下咨询", _OFFLINE),
    Register("services", "法律顾问服务", _SERVICES, _hours),
    Register("people", "法律明白人名册", _PEOPLE),
    Register("trainings", "法律明白人培训", _TRAININGS),
    Register("activities", "普法活动", _ACTIVITIES),
    Register("disputes", "矛盾纠纷", _DISPUTES),
    Register("inspections", "矛盾纠纷排查", _INSPECTIONS),
)
REGISTERS: Mapping[str, Register] = {register.key: register for register in _ALL}
"""By key, which is the name of the table, in the order in which they are shown."""


def named(word: str) -> Register | None:
    """Return the register with this key or title; 台账 at the end of a title does not matter."""
    return next((r for r in _ALL if word.strip() in {r.key, r.title, f"{r.title}台账"}), None)
