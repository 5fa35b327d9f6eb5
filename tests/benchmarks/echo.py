"""The bare wechatpy echo app of many tutorials: what a webhook costs before it does anything. MODE=plain or safe."""

import os

from flask import Flask, Response, request
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature

from tests.actors import AES_KEY, APP_ID
from tests.benchmarks.mix import TOKEN

__all__ = ["TOKEN", "app"]

app = Flask(__name__)
crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
safe = os.environ.get("MODE") == "safe"


@app.post("/wechat")
def echo() -> Response:
    """Check the signature, decrypt, parse, answer with the same text, encrypt."""
    query, body = request.args, request.get_data()
    if safe:
        body = crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"])
    else:
        check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
    message = parse_message(body)
    xml = TextReply(content=getattr(message, "content", "收到"), message=message).render()
    if safe:
        xml = crypto.encrypt_message(xml, query["nonce"], query["timestamp"])
    return Response(xml, mimetype="text/xml")
