"""The bare wechatpy echo app of many tutorials: what a webhook costs before it does anything."""

from flask import Flask, Response, request
from wechatpy import parse_message
from wechatpy.replies import create_reply
from wechatpy.utils import check_signature

TOKEN = "benchmark-token-of-32-characters"

app = Flask(__name__)


@app.post("/wechat")
def echo() -> Response:
    """Check the signature, parse, answer with the same text."""
    check_signature(TOKEN, request.args["signature"], request.args["timestamp"], request.args["nonce"])
    message = parse_message(request.get_data())
    return Response(create_reply(message.content, message).render(), mimetype="text/xml")
