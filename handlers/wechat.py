"""``/wechat``: WeChat's check of our address (GET) and the messages that it pushes (POST)."""

from flask import Blueprint, Response, current_app, g, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from bot.dialogue.respond import respond
from bot.ledger.turns import Replayed
from bot.message import Reply
from handlers import towns_gate
from handlers.metrics import REPLAYED
from handlers.services import Services, services
from handlers.wechat_io import MAX_BODY, BadMessage, Forged, Received

blueprint = Blueprint("wechat", __name__)


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status, mimetype="text/plain")


@blueprint.get("/wechat")
def handshake() -> Response:
    """Answer WeChat's check of the address with its ``echostr``, as plain text so that no browser runs it."""
    try:
        return _plain(services().gate.handshake(_single(request.args)))
    except Forged:
        return _plain("签名不对", 403)


@blueprint.post("/wechat")
def receive() -> Response:
    """Answer one message. 403: not from WeChat; 400: unreadable; 413: too large; never a 5xx."""
    own = services()
    now = own.clock()
    request.max_content_length = MAX_BODY
    try:
        # get_data and not data: WeChat's body must be read whatever content type it claims.
        received = own.gate.receive(_single(request.args), request.get_data(cache=False), now)
    except RequestEntityTooLarge:
        return _plain("太大", 413)
    except Forged as e:
        current_app.logger.warning("拒绝一条消息：%s", e)
        return _plain("拒绝", 403)
    except BadMessage as e:
        current_app.logger.warning("读不懂一条消息：%s", e)
        return _plain("读不懂", 400)
    if closed := towns_gate.instead(own):
        return _written(own, received, closed)
    try:
        reply = respond(
            received.incoming,
            store=own.store,
            library=own.library,
            now=now,
            pace=own.pace,
            tell=own.metrics.tell,
            standby=own.standby,
        )
    except Replayed:
        g.refused = REPLAYED
        current_app.logger.warning("拒绝一条消息：签名用过了")
        return _plain("拒绝", 403)
    return _written(own, received, reply)


def _written(own: Services, received: Received, reply: Reply) -> Response:
    body = own.gate.write(received, reply, own.clock())
    return Response(body, mimetype="text/plain" if body == "success" else "text/xml")


def _single(args: MultiDict[str, str]) -> dict[str, str]:
    """Return the query with the first value of each name."""
    return {name: values[0] for name, values in args.lists()}
