"""The forms of the county's pages; keys that are saved are never shown again."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

MODES = [
    SelectChoice("", "有密钥就是安全模式"), SelectChoice("safe", "安全模式"), SelectChoice("compat", "兼容模式"),
    SelectChoice("plain", "明文模式"),
]  # fmt: skip
SOURCES = [SelectChoice("draft", "草稿也用，回复里注明待审核"), SelectChoice("signed", "只用已签发的")]
_OFF = {"autocomplete": "off"}


class SetForm(FlaskForm):  # type: ignore[misc]
    """What can be changed of a town; an empty key stays as it is."""

    name = StringField("镇的名字", [InputRequired("请填镇的名字，比如「山湖镇」。"), Length(max=40, message="最多40个字。")])
    wechat_token = PasswordField("公众号 Token（不改就空着）", [Optional(), Length(max=64, message="太长。")], render_kw=_OFF)
    wechat_app_id = StringField("公众号 AppID", [Optional(), Length(max=64, message="太长。")])
    wechat_aes_key = PasswordField(
        "EncodingAESKey（43位，不改就空着）", [Optional(), Length(max=64, message="太长。")], render_kw=_OFF
    )
    wechat_mode = SelectField("消息模式", choices=MODES)
    answer_from = SelectField("用哪些条目回答", choices=SOURCES)
    drop_previous = BooleanField("微信那边密钥换完了，去掉旧的 EncodingAESKey")


class NewForm(SetForm):
    """A new town."""

    slug = StringField(
        "代号（写在网址里，小写英文）", [InputRequired("请填代号，比如 shanhu。"), Length(max=31, message="最多31个字母。")]
    )
    wechat_token = PasswordField(
        "公众号 Token（空着就生成一个）", [Optional(), Length(max=64, message="太长。")], render_kw=_OFF
    )
    wechat_aes_key = PasswordField(
        "EncodingAESKey（43位，明文模式不用填）", [Optional(), Length(max=64, message="太长。")], render_kw=_OFF
    )
    drop_previous = None
    admin = StringField("镇里第一位管理员的登录名（可以以后再登记）", [Optional(), Length(max=20, message="最多20个字。")])


class StateForm(FlaskForm):  # type: ignore[misc]
    """A button; to remove a town, its name is typed."""

    name = StringField("再打一遍镇的名字", [Optional(), Length(max=40)])
