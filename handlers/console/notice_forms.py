"""The forms of 张贴材料."""

import secrets
from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from bot.notices.content import VILLAGE, Content, version
from bot.notices.kept import MOST_COPIES
from handlers.console import notice_common as common


class Copies(IntegerField):  # type: ignore[misc]
    """A number of copies; what is none is said in Chinese."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number."""
        try:
            super().process_formdata(valuelist)
        except ValueError as e:
            raise ValueError("看不懂这个数。") from e


class Listed(SelectField):  # type: ignore[misc]
    """A choice from a list; another one is refused in Chinese."""

    def pre_validate(self, form: object) -> None:
        """Refuse what is not in the list."""
        if self.data not in [value for value, _ in self.choices]:
            raise ValidationError("请在列表里选一个。")


class NoteForm(FlaskForm):  # type: ignore[misc]
    """A printing."""

    token = HiddenField()
    v = HiddenField()
    copies = Copies(
        "印了几份", default=1,
        validators=[
            InputRequired("请填份数，只填数字。"), NumberRange(1, MOST_COPIES, f"份数从 1 到 {MOST_COPIES}，只填数字。"),
        ],
    )  # fmt: skip
    village = Listed("贴在哪个村")
    place = StringField("贴在什么地方（可以不填）", validators=[Length(max=60, message="最多 60 个字。")])
    posted = BooleanField("已经贴出去了")
    down = BooleanField("原来贴的同一张已经撤下、换掉了")

    says: tuple[str, ...] = ()

    def named(self, content: Content, says: Sequence[str] = ()) -> None:
        """Say which notice the form is about; a new form gets a token by which it is taken once."""
        self.token.data = self.token.data or secrets.token_urlsafe(12)
        self.v.data = version(content)
        self.says = tuple(says)
        self.village.choices = places() if content["kind"] != VILLAGE else [(content["about"], content["about"])]


class StepForm(FlaskForm):  # type: ignore[misc]
    """What became of a printing."""

    what = HiddenField()


def places() -> list[tuple[str, str]]:
    """Return where somebody may say that a 明白纸 hangs."""
    found = [(name, name) for name in common.villages()]
    return found if common.own_village() is not None else [("", "不只一个村，或者还没定"), *found]
