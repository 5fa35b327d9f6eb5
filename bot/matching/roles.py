"""Who does what to whom, and what is denied: 我打了人 and 我被人打 have the same characters and are different questions."""

import re

_ACTORS = {
    "我": "我们 我 本人 俺 自己",
    "他": "他们 她们 他 她 对方 老公 老婆 丈夫 妻子 男方 女方 男朋友 女朋友 男友 女友 前夫 前妻 老板 公司 单位 厂里 邻居"
    " 包工头 别人 人家 朋友 亲戚 哥哥 弟弟 姐姐 妹妹 哥 弟 姐 妹 爸爸 妈妈 父亲 母亲 爸 妈 儿子 女儿 媳妇 公公 婆婆 公婆"
    " 同事 同学 村里 村委 银行 保险公司 平台 老人 孩子 小孩",
}
_DENIED = "不想 不肯 不愿意 不愿 不同意 没有 不给 不让 不 没 拒绝"
_SUFFERED = "被 给人 让人"
_DEEDS = (
    "离婚 离 打 骗 欠 借 起诉 告 撞 偷 给 付 还 赔 同意 签 出轨 辞退 辞职 担保 抚养 赡养 养 要 买 卖 占 拆 抓 拘留"
    " 判 坐牢 死 受伤 伤"
)


def _any(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


_TOKENS = re.compile(
    f"(?P<我>{_any(_ACTORS['我'])})|(?P<他>{_any(_ACTORS['他'])})|(?P<denied>{_any(_DENIED)})"
    f"|(?P<suffered>{_SUFFERED.replace(' ', '|')})|(?P<deed>{_any(_DEEDS)})"
)
NEAR = 3
"""A denial counts for a deed that begins at most so many characters behind it."""


def roles(text: str) -> list[str]:
    """Return who does or suffers what, or does not, in the order of a normalised text.

    >>> roles("我想离婚老公不同意"), roles("老公要离婚我不同意")
    (['我-离婚', '他-不同意'], ['他-要', '他-离婚', '我-不同意'])
    >>> roles("我打了人"), roles("我被人打")
    (['我-打'], ['我-被打'])
    """
    found = []
    actor = denied = suffered = ""
    denied_until = 0
    for token in _TOKENS.finditer(text):
        kind = token.lastgroup
        if kind in _ACTORS:
            if not suffered:
                actor, denied = kind, ""
        elif kind == "denied":
            denied, denied_until = "不", token.end()
            if token[0] in {"不同意", "不给"}:
                found.append(f"{actor}-{token[0]}")
        elif kind == "suffered":
            suffered = "被"
        else:
            if denied and token.start() - denied_until > NEAR:
                denied = ""
            found.append(f"{actor}-{suffered}{denied}{token[0]}")
            suffered = denied = ""
    return found
