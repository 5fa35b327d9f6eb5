"""Every sentence that a villager reads and that is no FAQ answer. A lawyer may edit this file."""

from collections.abc import Sequence
from datetime import date

from bot.faq.entry import Entry
from bot.faq.town import Hotline

DISCLAIMER = "以上是普法信息，不是律师意见。紧急情况请拨110；想问人、要法律援助，拨12348。"
"""Closes every answer (R12): what it is not, and whom to call."""

WELCOME = (
    "您好，这里是镇里的普法问答。\n"
    "有法律上的难事，用平常说话的样子打字发来就行，比如：\n"
    "老板欠我工钱\n"
    "邻居占了我家的地\n"
    "征地补偿怎么算\n\n"
    "答案由人事先写好，机器人只帮您找出来。想直接问人，拨12348，不收钱。"
)
HELP = (
    "直接打字说您遇到的事就行，一次说一件，比如「老板欠我三个月工钱」。\n"
    "看到几个问题让您选，就回前面的数字。\n"
    "答案后面还有内容的，回「更多」接着看。\n"
    "不会打字，可以点键盘上的话筒说话转成文字。\n"
    "想直接问人，拨12348，不收钱，有客家话座席。"
)
THANKS = "不用谢。还有别的事，随时发来。"
EMPTY = "没有收到文字。请把您遇到的事打几个字发来，比如「老板欠我工钱」。"
VOICE = "听不了语音。请点键盘上的话筒，说话会变成文字，再点发送；或者拨12348，有客家话座席，不收钱。"
PICTURE = "看不了图片和文件。请打几个字说说是什么事；材料可以拿给村法律顾问看，或拨12348问。"
PLACE = "收到您的位置了，不过这里只回答法律问题。请打几个字说说是什么事。"
LINK = "看不了链接。请打几个字说说您想问什么；要是怀疑链接是骗子发的，不要点，拨96110问。"
NO_MORE = "没有更多内容了。还有别的事，请打字发来。"
NOT_OFFERED = "前面没有可以选的问题，或者时间过了。请把您的问题打几个字发来。"
CHOOSE_HEAD = "您想问的是哪一个？回前面的数字就能看答案："
CHOOSE_TAIL = "都不是的话，换个说法再发一次；想直接问人，拨12348，不收钱。"
MISS = (
    "这个问题还没有准备好的答案，已经记下来了，会有人来看。\n"
    "您可以换个说法，把最要紧的一件事说清楚，再发一次。\n"
    "急的话直接问人：拨12348，免费，有客家话座席。"
)
SORRY_HEAD = "机器人这会儿出了点问题，没能找到答案，请过一会儿再发。急的话请直接打电话："

FALLBACK_HOTLINES = "110 报警\n12348 免费法律咨询、法律援助"
"""Used only where not even the hotline table can be read."""

NO_SUCH_LAW = "没有找到这部法律。请写清楚法名和条号，比如：查法条 民法典 1079"
NO_SUCH_ARTICLE = "这部法律里没有这一条。请核对条号，比如：查法条 民法典 1079"
NO_LAW_TEXT = "这部法规的原文这里没有，可以在国家法律法规数据库（flk.npc.gov.cn）查，或拨12348问。"
LAW_USAGE = "请写清楚法名和条号，比如：查法条 民法典 1079"

MORE_HINT = "回「更多」接着看。"


def answer(entry: Entry, *, heard: str = "") -> str:
    """Return an entry as a villager reads it: the question it answers, the answer, deadline, basis, source, disclaimer."""
    parts = [f"您问的是：{entry.question}", entry.answer]
    if entry.deadline:
        parts.append(f"【期限】{entry.deadline}")
    parts.append(f"【依据】{'；'.join(entry.basis)}")
    if entry.more:
        parts.append(MORE_HINT)
    return _heard(heard) + "\n\n".join(parts) + "\n\n" + footer(entry)


def more(entry: Entry) -> str:
    """Return the second part of an entry."""
    return f"{entry.question}（续）\n\n{entry.more}\n\n{footer(entry)}"


def footer(entry: Entry) -> str:
    """Return who answers for the entry, since when, and the disclaimer."""
    if entry.status == "signed":
        source = f"{entry.reviewed_by}审核，{day(entry.reviewed_on)}。" if entry.reviewed_on else f"{entry.reviewed_by}审核。"
    else:
        source = f"本条待律师审核，{day(entry.updated)}更新。"
    return f"——\n{source}{DISCLAIMER}"


def article(citation: str, text: str, amended: date | None) -> str:
    """Return the text of an article as a villager reads it."""
    as_of = f"（{day(amended)}通过或修改的文本）" if amended else ""
    return f"{citation}{as_of}\n\n{text}"


def repealed(name: str, on: date, by: str) -> str:
    """Return that a law is out of force, since when, and what holds instead."""
    return f"《{name}》已从{day(on)}起废止。" + (f"现在看《{by}》。" if by else "")


def choose(*, heard: str = "") -> str:
    """Return the head of a list of questions to choose from; ``CHOOSE_TAIL`` closes the list."""
    return _heard(heard) + CHOOSE_HEAD


def sorry(hotlines: Sequence[Hotline]) -> str:
    """Return what a villager gets when something broke: an apology and whom to call."""
    lines = "\n".join(f"{h.number} {h.purpose}" for h in hotlines if h.first) or FALLBACK_HOTLINES
    return f"{SORRY_HEAD}\n{lines}"


def day(value: date) -> str:
    """Return a date as people write it: 2026年1月5日."""
    return f"{value.year}年{value.month}月{value.day}日"


def _heard(text: str) -> str:
    return f"听到您说：{text}\n\n" if text else ""
