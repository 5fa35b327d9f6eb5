"""The two things that cross the border between the core and the channels."""

from dataclasses import dataclass

WECHAT_TEXT = "公众号文字"
WECHAT_VOICE = "公众号语音"
WEB = "网页"
VISIT, PHONE, GROUP = "来访", "电话", "微信群"
ON_BEHALF = "代问"
CHANNELS = (WECHAT_TEXT, WECHAT_VOICE, WEB, VISIT, PHONE, GROUP, ON_BEHALF)


@dataclass(frozen=True)
class Incoming:
    """One message as a channel delivered it.

    key: what the channel repeats when it delivers the same message again; holds the sender, so it is never stored as it is.
    sender: who wrote, as the channel names them (an openid, a browser's cookie); never stored as it is.
    kind: ``text``, ``voice``, ``image``, ``video``, ``location``, ``link``, ``file``, ``subscribe``, ``unsubscribe``,
        ``scan``, ``click`` or ``other``.
    text: what was written or understood; the key of the menu entry for ``click``; the number of the QR code for
        ``subscribe`` and ``scan``.
    nonce: what the signature of the delivery covers, where the signature does not cover the message itself.
    address: the network address that it came from, where that is the sender's own; never stored.
    """

    key: str
    sender: str
    channel: str
    kind: str
    text: str = ""
    nonce: str | None = None
    address: str = ""


@dataclass(frozen=True)
class Option:
    """Something to tap: what it shows and what the villager sends by tapping it.

    number: what to type instead; without it, its place in the list.
    """

    label: str
    send: str
    number: str = ""


@dataclass(frozen=True)
class Reply:
    """What goes back: a text, things to tap or to choose by their number, a closing line.

    An empty text says: acknowledge and stay silent.
    """

    text: str
    options: tuple[Option, ...] = ()
    tail: str = ""
