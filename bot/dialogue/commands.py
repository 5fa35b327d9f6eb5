"""What villagers can ask of the bot itself, by everyday spellings and typing errors."""

import re
from collections.abc import Mapping
from functools import lru_cache

from pypinyin import lazy_pinyin

from bot.matching.normalise import normalise

_SPELLINGS = """
help: 帮助 help 怎么用 使用说明 说明 菜单 功能 使用方法 怎么使用 不会用 帮助一下 教我用 点用
greeting: 你好 您好 你好啊 喂 在吗 在不在 有人吗 hi hello 早上好 上午好 中午好 下午好 晚上好 早晨 食饭未
    你好呀 哈喽 嗨
thanks: 谢谢 谢谢你 谢谢您 多谢 唔该 感谢 好的谢谢 知道了谢谢 多谢晒 承蒙 承蒙你 恁仔细 太感谢了 谢了
    非常感谢 麻烦你了 辛苦了
goodbye: 好 好的 知道了 明白了 嗯 嗯嗯 哦 ok 好嘞 行 再见 拜拜 没事了 好了 晓得了 收到
categories: 目录 分类 类别 全部问题 问题目录 有哪些问题 看目录 问题列表 主菜单 首页
more: 更多 更多内容 还有呢 继续 接着看 往下看 后面呢 更多更多 看更多 还有吗
back: 返回 上一页 退回 回去 返回上一级 后退 退出 不是 不是这个 都不是 不对 答错了 答非所问 不是我问的 唔系
    唔系呢个
person: 人工 找律师 转人工 人工服务 找人 找人问 问人 真人 人工客服 客服 找顾问 法律顾问 找法律顾问 我要找律师
    我要人工 要人工 问律师 律师 找个人 和人说 联系律师 打电话给谁 电话 找明白人 搵律师 搵人
village: 我的村 我的村子 我的村庄 改村 换村 设置村 村子 选村 我村 修改村子
helped: 有用 有帮助 很有用 有用的 帮到了 解决了 满意 答得好 有用谢谢 赞 好用
useless: 没用 没有用 没帮助 没有帮助 无用 没用的 不满意 没解决 看不懂 没啥用 唔使得 冇用 毛用 没得用
tickets: 我的问题 我的编号 查编号 查答复 我的答复 有答复吗 答复了吗 我问的问题
privacy: 隐私 隐私政策 隐私说明 个人信息 隐私保护 会不会泄露隐私
record: 查看我的记录 我的记录 看我的记录 查我的记录 查询我的记录
forget: 删除我的记录 删除记录 删掉我的记录 清除记录 删我的记录 清空记录 删除我的信息 删记录
withdraw: 撤回同意 撤销同意 取消同意 撤回授权
consent: 同意 恢复同意 我同意
chat: 你是谁 你是什么 你叫什么 你是机器人吗 你是人吗 你是真人吗 讲个笑话 唱首歌 你会什么 你能干什么 你几岁
    你在干嘛 今天天气怎么样 现在几点 无聊 聊聊天 陪我聊天 吃饭了吗 你吃了吗 你真棒 哈哈 哈哈哈 呵呵 测试
    试一下 test
rude: 傻逼 傻b 你傻逼 你是傻逼 垃圾 废物 去死 滚 滚蛋 他妈的 操你妈 妈的 什么破玩意 什么垃圾 你有病 神经病
    蠢货 笨蛋 白痴 什么鬼 没屁用 吃屎 扑街 丢你 丢你老母 仆街 痴线 脑残
"""
"""Each command, and how people say it."""

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    command: tuple(said.split())
    for command, said in (line.split(":") for line in re.sub(r"\n +", " ", _SPELLINGS).strip().splitlines())
}
_EXACT = {normalise(said): command for command, all_ in SPELLINGS.items() for said in all_}
_COURTESY = re.compile(r"^(?:我想|我要|请|帮我|麻烦|想)|(?:一下|吧|啊|呢|呀|了|谢谢)$")

SOUNDED = frozenset({"help", "categories", "more", "person", "village", "tickets", "privacy", "record", "forget", "withdraw"})
"""Commands that are also known by their sound, as somebody types or speaks them: 目路, 转人功."""


def _sound(text: str) -> str:
    syllables = (s.replace("zh", "z").replace("ch", "c").replace("sh", "s") for s in lazy_pinyin(text))
    return " ".join(s.removesuffix("g") for s in syllables)


_SOUNDS = {_sound(said): command for said, command in _EXACT.items() if command in SOUNDED and len(said) >= 2}
LONGEST = 12
"""No command is longer than this many characters."""


def command_of(text: str) -> str | None:
    """Return the command that a message is, or None.

    >>> command_of("转人功！")
    'person'
    """
    said = normalise(text)
    return _command_of(said) if said and len(said) <= LONGEST else None


@lru_cache(4096)
def _command_of(said: str) -> str | None:
    bare = _COURTESY.sub("", _COURTESY.sub("", said))
    for form in (said, bare):
        if form in _EXACT:
            return _EXACT[form]
    return _SOUNDS.get(_sound(said))


def useless_because(text: str) -> str | None:
    """Return the reason of 「没用 …」, or None.

    >>> useless_because("没用，看不懂")
    '看不懂'
    """
    found = re.fullmatch(r"\s*(?:没用|没有用|冇用|没帮助|不满意)[\s，,。.:：、]+(\S.{0,200})", text, re.DOTALL)
    return found[1].strip() if found else None
