"""Every sentence that a villager or an adviser reads in a chat and that is no entry. A lawyer may edit this file.

Short, polite, no legalese; the account is never called a lawyer. Every text fits one WeChat message, with the longest
names in it; a test prints them all with their length.
"""

from collections.abc import Sequence
from datetime import date, datetime

from bot.faq.crisis import Emergency
from bot.faq.entry import Entry
from bot.faq.town import Adviser, Hotline, Office, Town, Village

DISCLAIMER = "以上是普法信息，不是律师意见。紧急情况请拨110；法律援助、人工咨询拨12348。"
"""Closes every answer (R12): what it is not, and whom to call."""

PERSON = "找人问"
PERSON_HINT = "想找人问，回 00。"

# ---- coming, going, small talk -------------------------------------------------------------------------------------

WELCOME = (
    "您好，这里是镇里的普法问答。\n"
    "有法律上的难事，用平常说话的样子打字发来就行，比如：\n"
    "老板欠我工钱\n"
    "邻居占了我家的地\n"
    "征地补偿怎么算\n\n"
    "答案由人事先写好，机器人只帮您找出来。\n"
    "回「目录」慢慢看，回「帮助」看怎么用，回 00 找人问。"
)
HELP = (
    "直接打字说您遇到的事，一次说一件，比如「老板欠我三个月工钱」。\n"
    "看到几个问题让您选，回前面的数字。0 是退回，00 是找人问。\n"
    "回「更多」接着看，「目录」按类别看，「我的村」改村子，「我的问题」看答复。\n"
    "答得好不好，回「有用」或「没用」告诉我们。\n"
    "不会打字，点键盘上的话筒，说话会变成文字。\n"
    "记录怎么存、怎么删，回「隐私」。\n"
    "急事：报警110，法律援助和咨询12348，不收钱，有客家话座席。"
)
GREETING = "您好。有什么法律上的难事，打几个字发来就行，比如「老板欠我工钱」。回「目录」按类别看，回 00 找人问。"
THANKS = "不用谢。还有别的事，随时发来。"
GOODBYE = "好的，有事随时再来。"
CHAT = "我是镇里的普法机器人，只会找法律上的答案。您遇到什么事，打几个字发来，比如「邻居占了我家的地」；找人问回 00。"
RUDE = "让您着急了，对不住。您把遇到的事打几个字发来，我再找一次；想找人说，回 00，或拨12348，不收钱。"
EMPTY = "没有收到文字。请把您遇到的事打几个字发来，比如「老板欠我工钱」。"

# ---- what cannot be read --------------------------------------------------------------------------------------------

VOICE = "听不了语音。请点键盘上的话筒，说话会变成文字，再点发送。"
PICTURE = "看不了图片和文件，这里也没有存。请打几个字说说是什么事；要人帮您看材料，回 00。"
PLACE = "收到您的位置了，不过这里只回答法律问题，位置没有存。请打几个字说说是什么事。"
LINK = "看不了链接。请打几个字说说您想问什么；要是怀疑链接是骗子发的，不要点，拨96110问。"

# ---- answers and choices --------------------------------------------------------------------------------------------

NO_MORE = "没有更多内容了。还有别的事，请打字发来。"
NOT_OFFERED = "前面没有可以选的，或者过了半个小时。请把您的问题打几个字发来，或者回「目录」。"
CHOOSE_HEAD = "您想问的是哪一个？回前面的数字就能看答案："
NOT_THAT = "好，不是这个。您想问的是哪一个？回前面的数字："
NONE_OF_THESE = "都不是"
MISS = (
    "这个问题还没有准备好的答案，已经记下来了，会有人来看。\n"
    "您可以换个说法，把最要紧的一件事说清楚，再发一次。\n"
    "想找人问，回 00。急的话拨12348，不收钱，有客家话座席。"
)
REPHRASE = "那请换个说法，把最要紧的一件事说清楚，再发一次。想找人问，回 00。"
SORRY_HEAD = "机器人这会儿出了点问题，没能找到答案，请过一会儿再发。急的话请直接打电话："
MORE, HELPED, USELESS = "更多", "有用", "没用"
NOT_THIS = "不是这个问题"
HELPED_THANKS = "谢谢告诉我们。还有别的事，随时发来。"
NOTHING_TO_JUDGE = "前面没有看过的答案，或者过了半个小时。请把您的问题打几个字发来。"
MASKED = "（提醒：不用发电话、证件号、银行卡号，刚才的号码已经遮掉，没有存。）"

FALLBACK_HOTLINES = "110 报警\n12348 免费法律咨询、法律援助"
"""Used only where not even the hotline table can be read."""

# ---- statutes -------------------------------------------------------------------------------------------------------

NO_SUCH_LAW = "没有找到这部法律。请写清楚法名和条号，比如：查法条 民法典 1079"
NO_SUCH_ARTICLE = "这部法律里没有这一条。请核对条号，比如：查法条 民法典 1079"
NO_LAW_TEXT = "这部法规的原文这里没有，可以在国家法律法规数据库（flk.npc.gov.cn）查，或拨12348问。"
LAW_USAGE = "请写清楚法名和条号，比如：查法条 民法典 1079"

# ---- browsing and the village ---------------------------------------------------------------------------------------

CATEGORIES = "想看哪一类？回前面的数字："
NEXT_PAGE = "下一页"
GO_BACK = "返回"
WHICH_VILLAGE = "您是哪个村（社区）的？回前面的数字，或者直接发村名。"
OTHER_TOWN = "外镇的或不想说"
NO_VILLAGE = "好的，不记村子。以后想说了，发「我的村」。"

# ---- a person -------------------------------------------------------------------------------------------------------

ASK_TICKET = "好，找人答复您。请用一句话写下是什么事（不用写姓名、电话、证件号）。不想写了，回 0。"
NOT_YOURS = "没有这个编号，或者不是用这部手机问的。编号只有提问的本人能查。发「我的问题」看自己的编号。"
NO_TICKETS = "您没有正在等人答复的问题。想找人问，回 00。"
ANSWERED, DONE, WAITING, LATE = "已答复", "已办结", "等答复", "过了时间，已报司法所"
"""How a ticket stands, in the list of 「我的问题」."""

THE_TOWN = "镇司法所"
"""Who answered, where it is not known who."""

CANCELLED = "好，不转了。还有别的事，请打字发来。"

# ---- privacy --------------------------------------------------------------------------------------------------------

FORGOTTEN = "已经删掉了：您的问题、编号、村子都不在了，只留下没法认出您的数字。以后再发消息，会重新告诉您怎么记录。"
WITHDRAWN = (
    "已经撤回，记录也删掉了。您照样可以问，以后每条消息只记一个数字用来统计，不留内容，也不和您对应。\n"
    "想恢复（能看「我的问题」、找人答复），发「同意」。"
)
CONSENTED = "好的，已经恢复。"
NEEDS_RECORD = "您撤回了同意，我们不留您的记录，就没法把答复交给您。请直接打电话，或者发「同意」恢复。"

# ---- advisers -------------------------------------------------------------------------------------------------------

STAFF_ONLY = "这个命令只有绑定过的法律顾问、法律明白人和司法所能用。您有事想问，直接打字发来；找人问回 00。"
BIND_USAGE = "绑定要写编号，比如：绑定 AB12CD34。编号向镇里的统计员要。"
BIND_FAILED = "这个编号不对，或者过期、用过了。请向镇里的统计员重新要一个。"
STAFF_HELP = (
    "您可以发：\n"
    "待办（等答复的问题）\n"
    "答 023 答复的话\n"
    "转 023 李律师\n"
    "结 023（不用答复、办完了）\n"
    "入库 023（把答复做成条目草稿）\n"
    "记 王家村 土地 电话（记一次来访、电话、微信群的咨询）\n"
    "代问 王家村 问题（替群众问）\n"
    "收到 3、办结 3 结果（值班任务）\n"
    "解绑（换手机时用）"
)
NO_SUCH_TICKET = "没有这个编号，或者不归您的村管。发「待办」看您的。"
TICKET_GONE = "这个问题提问人已经删掉了，不用答了。"
ANSWER_USAGE = "编号后面写上答复的话，比如：答 023 可以先到镇调解委员会申请调解。"
ANSWER_TOO_LONG = "答复太长，最多400字，请写短一点。"
HAND_ON_USAGE = "写清楚转给谁，比如：转 023 李律师"
LOG_USAGE = "这样写：记 村名 类别 方式，方式是来访、电话、微信群。比如：记 王家村 土地 电话"
BEHALF_USAGE = "「代问」后面写村名和问题，比如：代问 王家村 老板欠工资怎么办"
NO_DUTIES = "没有这个任务。发「待办」看现在的任务。"
UNBOUND = "已经解绑。要再用，请向统计员要新的编号。"
NOTHING_DUE = "现在没有等您办的。"
NOT_ANSWERED_YET = "这个问题还没有答复，先发「答 023 …」再入库。"


def voice(contact: str) -> str:
    """Return what a voice message without words gets: how to type by speaking, and whom to call."""
    return f"{VOICE}\n或者直接打电话：\n{contact}\n12348，不收钱，有客家话座席。"


def signed(name: str, role: str) -> str:
    """Return an adviser's name as a villager reads it under an answer."""
    return f"{name}（{role}）"


def answer(entry: Entry, *, heard: str = "") -> str:
    """Return an entry as a villager reads it: the question it answers, the answer, the deadline, the basis."""
    parts = [f"您问的是：{entry.question}不是请回 0。", entry.answer]
    if entry.deadline:
        parts.append(f"【期限】{entry.deadline}")
    parts.append(f"【依据】{'；'.join(entry.basis)}")
    return _heard(heard) + "\n\n".join(parts)


def more(entry: Entry) -> str:
    """Return the second part of an entry."""
    return f"{entry.question}（续）\n\n{entry.more}"


def footer(entry: Entry) -> str:
    """Return who answers for the entry, since when, the disclaimer, and how to reach a person."""
    if entry.status == "signed":
        source = f"{entry.reviewed_by}审核，{day(entry.reviewed_on)}。" if entry.reviewed_on else f"{entry.reviewed_by}审核。"
    else:
        source = f"本条待律师审核，{day(entry.updated)}更新。"
    return f"——\n{source}{DISCLAIMER}{PERSON_HINT}"


def article(citation: str, text: str, amended: date | None) -> str:
    """Return the text of an article as a villager reads it."""
    as_of = f"（{day(amended)}通过或修改的文本）" if amended else ""
    return f"{citation}{as_of}\n\n{text}"


def repealed(name: str, on: date, by: str) -> str:
    """Return that a law is out of force, since when, and what holds instead."""
    return f"《{name}》已从{day(on)}起废止。" + (f"现在看《{by}》。" if by else "")


def choose(*, heard: str = "") -> str:
    """Return the head of a list of questions to choose from."""
    return _heard(heard) + CHOOSE_HEAD


def also_asked(question: str) -> str:
    """Return the label of a second matter in the same message."""
    return f"另一件事：{question}"


def sorry(hotlines: Sequence[Hotline]) -> str:
    """Return what a villager gets when something broke: an apology and whom to call."""
    return f"{SORRY_HEAD}\n{hotline_lines(hotlines)}"


def hotline_lines(hotlines: Sequence[Hotline]) -> str:
    """Return the hotlines that come first, a line each."""
    return "\n".join(f"{h.number} {h.purpose}" for h in hotlines if h.first) or FALLBACK_HOTLINES


def category(name: str, page: int, pages: int) -> str:
    """Return the head of a list of a category's questions."""
    where = f"（第{page}页，共{pages}页）" if pages > 1 else ""
    return f"{name}{where}。想看哪一个？回前面的数字："


def village_set(village: Village, adviser: str) -> str:
    """Return that a village is kept and who looks after it; ``adviser`` as ``adviser_line`` gives it."""
    return f"记下了，您是{village.name}的。{adviser}\n不对的话，发「我的村」改。"


def adviser_line(adviser: Adviser, next_day: date | None) -> str:
    """Return who the village's adviser is and when they are there."""
    upcoming = f"，下次是{next_day.month}月{next_day.day}日" if next_day else ""
    return f"您村的法律顾问：{adviser.name}，电话 {adviser.phone}，值班{adviser.duty}{upcoming}。"


def office_line(office: Office, is_open: bool | None) -> str:
    """Return whom to call in the town, and whether somebody is there now."""
    now = {True: "现在是上班时间，可以打。", False: "现在下班了，上班时间再打。", None: ""}[is_open]
    return f"{office.name}：电话 {office.phone}，{office.hours}（节假日除外）。{now}"


def number(ticket: int) -> str:
    """Return a pick-up number as people see it: 023."""
    return f"{ticket:03d}"


def ticket_opened(ticket: int, due: datetime, contact: str) -> str:
    """Return that a person will answer: the number, until when, whom to call meanwhile. ``due`` in the town's time."""
    return (
        f"已转给人来答复，编号{number(ticket)}；编号只有您本人能查。\n"
        f"最晚{minute(due)}前答复。到时候发「{number(ticket)}」，或者随便发一句话，就能看到。\n"
        f"急的话直接打电话：\n{contact}\n12348，不收钱，有客家话座席。"
    )


def ticket_missed(ticket: str) -> str:
    """Return the second miss in a row, which a person takes over."""
    return f"还是没有找到合适的答案，这件事换人来答复您。\n{ticket}"


def ticket_useless(ticket: str) -> str:
    """Return what 没用 leads to."""
    return f"对不住，没帮上忙。{ticket}\n哪里没用，可以发「没用」加一句话告诉我们，比如：没用 看不懂"


def ticket_waits(ticket: int, due: datetime) -> str:
    """Return that a ticket has no answer yet."""
    return f"编号{number(ticket)}还在等答复，最晚{minute(due)}前。急的话拨12348，不收钱。"


def ticket_late(ticket: int) -> str:
    """Return that a ticket is overdue."""
    return f"编号{number(ticket)}过了时间还没答复，对不住，已经报到镇司法所。急的话拨12348，不收钱。"


def ticket_closed(ticket: int) -> str:
    """Return that a ticket was closed without an answer."""
    return f"编号{number(ticket)}已经办结。还没解决的话，回 00 再找人问。"


def ticket_answer(ticket: int, question: str | None, text: str, who: str, on: date) -> str:
    """Return a person's answer to the villager."""
    asked = f"您问：{question[:60]}{'…' if len(question) > 60 else ''}\n\n" if question else ""
    return f"编号{number(ticket)}有答复了。\n{asked}{text}\n\n——\n{who}答复，{day(on)}。{DISCLAIMER}"


def ticket_line(ticket: int, status: str, question: str | None) -> str:
    """Return one line of 「我的问题」."""
    return f"{number(ticket)} {status}：{(question or '')[:30]}"


def tickets(lines: Sequence[str]) -> str:
    """Return the list of a villager's tickets."""
    return "您问人的问题（发编号看答复）：\n" + "\n".join(lines)


def notice(town: Town | None) -> str:
    """Return the notice at first contact (PIPL 17), at most 200 characters: who, what for, what is kept, how to delete."""
    who = f"{town.office.name}" if town else "镇人民政府"
    return (
        f"【告知】{who}办这个问答，用来解答法律问题、统计咨询量。您的问题遮掉号码后留180天，微信号只存加密代号，不用留姓名。"
        "回「删除我的记录」马上删，回「隐私」看全文。"
    )


def privacy(town: Town | None) -> str:
    """Return the whole rule on personal data (PIPL 17): by the keyword 隐私."""
    who = f"{town.office.name}（{town.office.address}，电话 {town.office.phone}）" if town else "镇人民政府"
    return (
        f"这个问答怎么处理您的信息：\n"
        f"谁在办：{who}。\n"
        "为什么记：解答法律问题、把答复交给您、统计咨询量，是镇政府履行普法和公共法律服务职责要用的。\n"
        "记什么：您发的字（电话、证件号、卡号先遮掉）、时间、您说的村子；微信号只存成加密代号。不要姓名、电话、位置，图片和语音不存。\n"
        "遇到危险的求助：不存内容，只记一次数；法律要求报告的，会通知镇里值班的人有这样一件事，不含您是谁。\n"
        "留多久：字留180天；找人问的，办完90天后去掉代号；统计数字长期留，但认不出人。\n"
        "给谁看：答复您的顾问、司法所和统计员。消息要经过微信传送。不卖、不给别人。\n"
        "您可以：发「查看我的记录」「删除我的记录」「撤回同意」，马上生效；取消关注也会删。\n"
        "不满意：打上面的电话，或拨12345投诉。"
    )


def my_record(messages: int, village: str | None, tickets: int, lines: Sequence[str]) -> str:
    """Return what is kept of a villager: 查看我的记录."""
    last = "最近几条（号码已遮）：\n" + "\n".join(lines) if lines else "没有留着的文字。"
    return (
        f"这部手机的记录：{messages}条消息，村子：{village or '没有记'}，找人问的：{tickets}个。\n{last}\n"
        "要全部删掉，发「删除我的记录」。"
    )


def bound(name: str, role: str, village: str | None) -> str:
    """Return that an adviser's WeChat is bound."""
    return f"{name}，您好。已绑定：{role}，{village or '全镇'}。\n{STAFF_HELP}"


def todo(lines: Sequence[str], more: int) -> str:
    """Return an adviser's list of what waits for them."""
    rest = f"\n还有{more}个，办了前面的再看。" if more else ""
    return "等您办的：\n" + "\n".join(lines) + rest + "\n回「答 编号 答复的话」。"


def todo_ticket(ticket: int, village: str | None, question: str | None, due: datetime, *, late: bool, because: str) -> str:
    """Return one ticket in an adviser's list; ``due`` in the town's time."""
    until = ("逾期！应在" if late else "") + f"{minute(due)}前"
    why = {"asked": "", "missed": "，机器人没答上", "useless": "，说答案没用"}.get(because, "")
    return f"{number(ticket)}（{village or '村子没说'}{why}，{until}）{(question or '（没写内容）')[:80]}"


def todo_duty(duty: int, kind: str, village: str | None, opened: datetime, *, late: bool, taken: bool) -> str:
    """Return one alarm in the list of the duty officer; ``opened`` in the town's time."""
    state = "已收到，办完回「办结」" if taken else "逾期没确认！" if late else "15分钟内要确认"
    return (
        f"【值班任务{duty}】{kind}，{village or '村子没说'}，{minute(opened)}，{state}"
        f"。回「收到 {duty}」，办完回「办结 {duty} 结果」。"
    )


def answered(ticket: int) -> str:
    """Return to the adviser that their answer is kept."""
    n = number(ticket)
    return f"{n}的答复记下了，提问人下次发消息或者发编号就能看到。对大家都有用的话，发「入库 {n}」做成条目草稿。"


def passed(ticket: int, name: str) -> str:
    """Return to the adviser that a ticket was passed on."""
    return f"{number(ticket)}已转给{name}。"


def nobody_called(name: str, names: Sequence[str]) -> str:
    """Return that there is no adviser of that name."""
    return f"没有叫「{name}」的顾问。现在有：{'、'.join(names)}。"


def closed(ticket: int) -> str:
    """Return to the adviser that a ticket is closed."""
    return f"{number(ticket)}已办结。"


def drafted(ticket: int, path: str) -> str:
    """Return to the adviser where the draft entry is."""
    return f"{number(ticket)}已做成草稿：{path}。补上依据、问法，审核以后才会发给群众。"


def logged(number: int, village: str | None, category: str, channel: str) -> str:
    """Return to the adviser what was entered, and as which row."""
    return f"记下了，第{number}号：{village or '村子没说'}，{category}，{channel}，1人次。记错了请告诉统计员。"


def by_wechat(name: str) -> str:
    """Return who entered a row that came by WeChat."""
    return f"{name}（微信）"


def month_closed(month: str) -> str:
    """Return that a month takes no more rows."""
    return f"{month} 已经关账，记不进去。请告诉统计员。"


def no_village_called(name: str, names: Sequence[str]) -> str:
    """Return that there is no such village."""
    return f"没有叫「{name}」的村。有：{'、'.join(names)}。"


def no_category_called(name: str, names: Sequence[str]) -> str:
    """Return that there is no such category."""
    return f"没有「{name}」这一类。有：{'、'.join(names)}。"


def duty_taken(duty: int) -> str:
    """Return to the duty officer that they took the task on."""
    return f"任务{duty}记下是您收到的。办完回「办结 {duty} 结果」。"


def duty_done(duty: int) -> str:
    """Return to the duty officer that the task is finished."""
    return f"任务{duty}已办结。"


def crisis(card: Emergency, hotlines: Sequence[Hotline]) -> str:
    """Return the fixed card of an emergency; the first line is neutral, for the chat list shows it."""
    calls = "；".join(f"{h.number} {h.purpose}" for h in hotlines)
    signed = f"{card.signed_by}审核。" if card.signed_by else "本条待律师审核。"
    return "\n\n".join([card.first, "\n".join(card.steps), f"电话：{calls}", card.next, DELETE_CHAT, f"——\n{signed}{JUST_ASK}"])


DELETE_CHAT = "怕别人看到：在聊天列表里按住这个号，点「删除该聊天」。您发的这句话我们没有存。"
JUST_ASK = "没有危险、只想问法律规定的，在前面加个「问」字和空格，再发一次。"


def day(value: date) -> str:
    """Return a date as people write it: 2026年1月5日."""
    return f"{value.year}年{value.month}月{value.day}日"


def minute(value: datetime) -> str:
    """Return a moment as people write it: 1月5日9:05."""
    return f"{value.month}月{value.day}日{value.hour}:{value.minute:02d}"


def _heard(text: str) -> str:
    return f"听到您说：{text}\n\n" if text else ""
