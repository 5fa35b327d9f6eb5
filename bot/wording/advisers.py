"""What an adviser, or whoever tries an adviser's command, reads in WeChat: the sentences as they are shipped."""

from dataclasses import dataclass

from bot.wording.sentence import said


@dataclass(frozen=True)
class Binding:
    """绑定."""

    staff_only: str = said(
        "群众发了顾问的命令",
        "这个命令只有绑定过的法律顾问、法律明白人和司法所能用。您有事想问，直接打字发来；找人问回 00。",
        keep=("00",),
    )
    usage: str = said("发「绑定」，没有写编号", "绑定要写编号，比如：绑定 AB12CD34。编号向镇里的统计员要。", keep=("绑定",))
    failed: str = said("绑定的编号不对", "这个编号不对，或者过期、用过了。请向镇里的统计员重新要一个。")
    bound: str = said("绑定好了，后面跟着命令", "{姓名}，您好。已绑定：{身份}，{村名}。", most=60)
    unbound: str = said("发「解绑」", "已经解绑。要再用，请向统计员要新的编号。")
    help: str = said(
        "发「顾问帮助」",
        "您可以发：\n"
        "待办（等答复的问题）\n"
        "答 023 答复的话\n"
        "转 023 李律师\n"
        "结 023（不用答复、办完了）\n"
        "入库 023（把答复做成条目草稿）\n"
        "记 王家村 土地 电话（记一次来访、电话、微信群的咨询）\n"
        "代问 王家村 问题（替群众问）\n"
        "收到 3、办结 3 结果（值班任务）\n"
        "解绑（换手机时用）",
        keep=("待办", "答 ", "转 ", "结 ", "入库 ", "记 ", "代问 ", "收到 ", "办结 ", "解绑"),
    )


@dataclass(frozen=True)
class Queue:
    """待办和答复."""

    none: str = said("发「待办」，没有", "现在没有等您办的。")
    head: str = said("发「待办」，最前面", "等您办的：", most=30)
    foot: str = said("发「待办」，最后", "回「答 编号 答复的话」。", keep=("答 ",), most=40)
    rest: str = said("发「待办」，一次列不完", "还有{个数}个，办了前面的再看。", most=40)
    line: str = said("发「待办」，每一行", "{编号}（{村名}{缘由}，{期限前}）{问题}", most=40)
    missed: str = said("待办里，机器人没答上才转来的", "，机器人没答上", most=12)
    useless: str = said("待办里，说答案没用才转来的", "，说答案没用", most=12)
    until: str = said("待办里的期限", "{时间}前", most=15)
    overdue: str = said("待办里的期限，过了的", "逾期！应在{时间}前", most=20)
    no_village: str = said("待办里，没有说村子的", "村子没说", most=12)
    no_text: str = said("待办里，没有写是什么事的", "（没写内容）", most=15)
    no_ticket: str = said("没有这个编号", "没有这个编号，或者不归您的村管。发「待办」看您的。", keep=("待办",))
    gone: str = said("提问的人删掉了记录", "这个问题提问人已经删掉了，不用答了。")
    answer_usage: str = said(
        "发「答」，没有写答复",
        "编号后面写上答复的话，比如：答 023 可以先到镇调解委员会申请调解。",
        keep=("答 ",),
    )
    too_long: str = said("答复太长", "答复太长，最多400字，请写短一点。", keep=("400",))
    answered: str = said(
        "答复记下了",
        "{编号}的答复记下了，提问人下次发消息或者发编号就能看到。对大家都有用的话，发「入库 {编号}」做成条目草稿。",
        keep=("入库 ",),
    )
    hand_on_usage: str = said("发「转」，没有写给谁", "写清楚转给谁，比如：转 023 李律师", keep=("转 ",))
    handed_on: str = said("转给了别人", "{编号}已转给{姓名}。")
    nobody: str = said("要转给的人没有", "没有叫「{名字}」的顾问。现在有：{名单}。")
    closed: str = said("发「结」", "{编号}已办结。")
    drafted: str = said("发「入库」", "{编号}已做成草稿：{文件}。补上依据、问法，审核以后才会发给群众。")
    not_answered: str = said("发「入库」，还没有答复", "这个问题还没有答复，先发「答 023 …」再入库。", keep=("答 ",))


@dataclass(frozen=True)
class Logging:
    """记一笔、代问."""

    usage: str = said(
        "发「记」，没有写全",
        "这样写：记 村名 类别 方式，方式是来访、电话、微信群。比如：记 王家村 土地 电话",
        keep=("记 ", "来访", "电话", "微信群"),
    )
    logged: str = said("记下了一笔", "记下了，第{编号}号：{村名}，{类别}，{方式}，1人次。记错了请告诉统计员。")
    month_closed: str = said("这个月关账了", "{月份} 已经关账，记不进去。请告诉统计员。")
    no_village: str = said("没有这个村", "没有叫「{名字}」的村。有：{名单}。")
    no_category: str = said("没有这个类别", "没有「{名字}」这一类。有：{名单}。")
    behalf_usage: str = said(
        "发「代问」，没有写全", "「代问」后面写村名和问题，比如：代问 王家村 老板欠工资怎么办", keep=("代问 ",)
    )


@dataclass(frozen=True)
class Duty:
    """值班任务."""

    line: str = said(
        "司法所发「待办」，每个任务",
        "【值班任务{编号}】{急事}，{村名}，{时间}，{进展}。回「收到 {编号}」，办完回「办结 {编号} 结果」。",
        keep=("收到 ", "办结 "),
        most=90,
    )
    unconfirmed: str = said("任务还没有确认", "15分钟内要确认", keep=("15分钟",), most=20)
    late: str = said("任务过了时间没有确认", "逾期没确认！", most=20)
    taken: str = said("任务有人收到了", "已收到，办完回「办结」", keep=("办结",), most=20)
    none: str = said("没有这个任务", "没有这个任务。发「待办」看现在的任务。", keep=("待办",))
    taken_on: str = said("发「收到」", "任务{编号}记下是您收到的。办完回「办结 {编号} 结果」。", keep=("办结 ",))
    finished: str = said("发「办结」", "任务{编号}已办结。")
