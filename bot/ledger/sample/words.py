"""What the sample ledger is made of: sentences, and how consulting goes up and down through the year. All made up."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

SENTENCES: Mapping[str, Sequence[str]] = {
    "劳动与工资": ("老板拖欠工资一直不给怎么办", "工地干完活结不到工钱", "没签劳动合同能要双倍工资吗", "上班受伤算不算工伤"),
    "土地征收与补偿": ("村里的地要征收，补偿怎么算", "征地补偿款没有发到手", "青苗补偿给得太低怎么办"),
    "承包地与集体资产": ("承包地被邻居占了一垄", "租出去的地收不回租金", "外嫁女有没有集体分红", "山林的界线有争议"),
    "宅基地与建房": ("老宅子能不能翻建", "建房要到哪里办手续", "分户以后能不能申请宅基地"),
    "邻里与物权": ("邻居盖房挡了我家的光", "邻居把水排到我家院子", "门口的路被人堵了"),
    "婚姻与彩礼": ("退婚彩礼能不能要回来", "没领证办了酒席算结婚吗", "结婚前买的房子算谁的"),
    "离婚与子女抚养": ("想离婚对方不同意", "离婚以后孩子归谁", "抚养费一直不给怎么办"),
    "继承与赡养": ("老人的房子几个子女怎么分", "兄弟不肯养老人怎么办", "自己写的遗嘱算不算数"),
    "借贷与担保": ("借出去的钱要不回来", "没有借条怎么要钱", "给人担保要不要还钱"),
    "交通与人身损害": ("摩托车被撞了怎么赔", "对方没有保险谁来赔", "被狗咬了谁负责"),
    "消费与合同": ("网上买到假货怎么退", "预付卡的店关门了", "买的种子不发芽找谁赔"),
    "诈骗与网络安全": ("接到说是公安的电话是不是诈骗", "刷单的钱拿不回来", "银行卡借给别人会怎样"),
    "未成年人妇女老人权益": ("孩子在学校被人欺负", "老人买了很贵的保健品", "怀孕了单位要辞退我"),
    "治安与刑事": ("打架派出所怎么处理", "家里人被拘留了怎么办", "东西被偷了多少钱才立案"),
    "行政与办事": ("低保怎么申请", "户口怎么迁", "医保怎么报销", "不服罚款怎么办"),
    "诉讼仲裁与法律援助": ("没钱请律师怎么办", "法律援助要什么材料", "赢了官司对方不给钱"),
}
"""Questions as they are typed, by category of the shipped FAQ."""

MISSED = (
    ("村里通自来水要交多少钱", "自来水和路灯"), ("抓到一只野猪能不能卖", "野生动物"), ("集市的摊位被人占了", "集市摊位"),
    ("祖坟旁边被人挖了土", "坟地和祠堂"), ("无人机打药飘到我家鱼塘", "农药飘散"), ("水渠改道淹了我的田", "水渠和桥"),
    ("快递放在代收点不见了", "快递代收"), ("合作社退股怎么退", "合作社退股"), ("直播卖菜要不要办证", "直播卖货"),
    ("太阳能板租我家屋顶合同怎么签", "屋顶光伏"), ("养的蜂被打药毒死了", "农药飘散"), ("路灯装在我家门口太亮", "自来水和路灯"),
    ("祠堂的账能不能看", "坟地和祠堂"), ("桥修好了一直不通", "水渠和桥"), ("果树被电线压着能不能砍", "电线和铁塔"),
    ("庙会的钱怎么管", "庙会"), ("鱼塘被上游的水弄死了鱼", "水污染"), ("村道上的减速带太高", "村道"),
    ("老井被人填了", "水井"), ("认养的牛没有分到钱", "认养"), ("民宿的客人弄坏东西", "民宿"),
    ("收割机压坏了田埂", "农机"), ("牌位能不能迁回来", "坟地和祠堂"), ("广播太吵找谁", "广播和噪声"),
    ("学校门口停车谁来管", "停车"),
)  # fmt: skip
"""Questions without an entry and what they are about, the most frequent first."""

ANSWER, CHOICE, MISS, OTHER = "示例答复：请看条目。", "您想问的是不是：", "这个问题暂时没有答上。", "您好，请直接打出您的问题。"
"""Replies, cut short: the words of a reply are counted nowhere."""

BEFORE = ("你好", "在吗", "你好，我想问一下", "您好")
ASIDE = (("谢谢", "command"), ("帮助", "command"), ("隐私", "command"), ("我的问题", "command"), ("", "empty"))
TICKET_ANSWERS = ("示例：请带上身份证和材料到司法所，我们帮您看。", "示例：可以先到村委会调解。", "示例：可以申请法律援助。")
OUTCOMES = ("示例：已联系派出所到场", "示例：已转村委会跟进", "示例：核实为误报")

EMERGENCIES = (
    ("想不开", False),
    ("孩子受伤害或走失", True),
    ("性侵害", False),
    ("正在挨打或有人要行凶", True),
    ("正在被骗", False),
)
"""Kinds of alarm, and whether the law wants them reported."""

ENTERED_BY = "示例统计员"
LECTURES = ("农民工讨薪怎么办", "民法典里的婚姻家庭", "防范电信网络诈骗", "宅基地怎么批", "未成年人保护", "宪法宣传")
TRAININGS = ("调解的方法", "土地承包的法律", "婚姻家庭的法律", "反诈和网络安全")
STUDIES = ("支部专题学习", "“两委”专题学习会", "习近平法治思想讲座")
"""Forms whose topic is their own."""
ACTIVITIES: Sequence[tuple[str, int, Mapping[str, tuple[int, int]]]] = (
    ("支部专题学习", 16, {"attendance": (15, 30)}),
    ("“两委”专题学习会", 48, {"attendance": (6, 9)}),
    ("习近平法治思想讲座", 4, {"attendance": (60, 90)}),
    ("法治宣传活动", 24, {"attendance": (100, 500), "leaflets": (200, 600), "banners": (0, 3), "consulted": (5, 40)}),
    ("法治课堂", 45, {"attendance": (30, 60)}),
    ("法治讲座", 12, {"attendance": (20, 60), "consulted": (0, 8)}),
    ("LED标语", 12, {"times": (0, 0), "led": (12, 22)}),
    ("横幅标语", 12, {"times": (0, 0), "banners": (1, 4)}),
    ("固定宣传牌", 5, {"times": (0, 0), "boards": (1, 4)}),
)
"""Forms of publicity, how many rows of each there are in a year, and between what each row counts."""

DISPUTED = {
    "婚姻家庭": 45, "邻里": 60, "房屋宅基地": 40, "损害赔偿": 30, "山林土地": 40, "合同": 20, "拖欠农民工工资": 20,
    "征地拆迁": 15, "道路交通事故": 10, "其他消费": 5, "其他劳动争议": 5, "其他": 8,
}  # fmt: skip
"""How often a type of dispute occurs; the others once."""

GROUPS = {"农民": 0.5, "农民工": 0.15, "妇女": 0.25, "老年人": 0.3}
"""How many of those who come in person belong to a group; of the others one in twenty-five."""

SPRING_FESTIVAL = {
    2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6),
    2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
}  # fmt: skip
"""The first day of the lunar year; years outside are taken to have it on 5 February, the middle of its range."""

HOURS = (1, 1, 0, 0, 0, 1, 4, 12, 28, 40, 42, 34, 24, 22, 28, 36, 36, 32, 30, 40, 46, 36, 18, 6)
_WEEKDAYS = (1.15, 1.1, 1.05, 1.0, 1.0, 0.8, 0.7)

_USUAL = {"劳动与工资": 1.6, "离婚与子女抚养": 1.3, "行政与办事": 1.3, "借贷与担保": 1.2, "治安与刑事": 0.6, "消费与合同": 0.8}
_SEASONS: Mapping[str, tuple[int, ...]] = {
    "承包地与集体资产": (7, 7, 9, 9, 8, 8, 9, 12, 20, 22, 18, 11),
    "土地征收与补偿": (8, 7, 9, 10, 10, 9, 9, 12, 17, 18, 15, 10),
    "宅基地与建房": (7, 8, 10, 10, 9, 8, 8, 10, 15, 16, 14, 9),
    "婚姻与彩礼": (16, 17, 12, 9, 10, 8, 7, 8, 9, 13, 10, 10),
    "消费与合同": (9, 9, 17, 10, 9, 12, 9, 9, 9, 10, 15, 11),
    "未成年人妇女老人权益": (8, 8, 12, 9, 10, 13, 16, 15, 11, 9, 9, 9),
    "交通与人身损害": (14, 13, 9, 9, 9, 8, 9, 9, 10, 12, 11, 12),
}
"""How much is asked in each month, for categories that have a season; 10 is usual."""


def festival(year: int) -> date:
    """Return the first day of the Spring Festival."""
    return date(year, *SPRING_FESTIVAL.get(year, (2, 5)))


def busy(day: date) -> float:
    """Return how much is asked on a day beside an ordinary one: quiet at the festivals, most in the week of 4 December."""
    since = (day - festival(day.year)).days
    much = _WEEKDAYS[day.weekday()]
    if -1 <= since <= 6:
        much *= 0.3
    elif -30 <= since < -1:
        much *= 1.25
    if (day.month, day.day) in {(10, 1), (10, 2), (10, 3), (5, 1)}:
        much *= 0.6
    if day.month == 12 and day.day <= 7:
        much *= 2.2
    return much


def asked_about(category: str, day: date) -> float:
    """Return how much is asked about a category on a day; wages are asked for before the Spring Festival."""
    much = _USUAL.get(category, 1.0) * _SEASONS.get(category, (10,) * 12)[day.month - 1] / 10
    before = next_festival(day) - day
    return much * 2.5 if category == "劳动与工资" and timedelta(2) < before <= timedelta(50) else much


def next_festival(day: date) -> date:
    """Return the first day of the Spring Festival that comes on ``day`` or after it."""
    this = festival(day.year)
    return this if this >= day else festival(day.year + 1)
