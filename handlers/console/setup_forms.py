"""The forms of the settings: what a field is called, what may stand in it, and what it is for."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length, Optional, Regexp, ValidationError

from bot.faq.edit.setup import Values
from bot.ledger.keeping.retention import FOR_EVER, LIMITS, fault

NEEDED = "没有填。"
_DAY = "%Y-%m-%d"
HOURS = "群众看得懂的话，比如：周一至周五 8:30–12:00、14:30–17:30"
DUTY = "比如：每月第一个周三 9:00–17:00 在村委会。照这样写，机器人算得出下次值班是哪天。"


class SetupForm(FlaskForm):  # type: ignore[misc]
    """A form over a part of a settings file. base: what stood there when it was shown; sure: warnings were seen."""

    why = StringField("为什么改（可以不写）", [Length(max=200, message="太长，写短一些。")])
    sure = BooleanField("上面说的我看过了，仍然要改")
    base = HiddenField()

    @property
    def asked(self) -> list[Field]:
        """The fields of the setting itself."""
        return [field for field in self if field.name not in {"why", "sure", "base", "csrf_token"}]

    def values(self) -> Values:
        """Return what was filled in, tidied."""
        return {field.name: _tidy(field.data) for field in self.asked}


def words(label: str, most: int = 80, *, needed: bool = True, about: str = "", least: int = 1) -> StringField:
    """Return a field for a line of words."""
    first: list[Any] = [DataRequired(NEEDED)] if needed else [Optional()]
    return StringField(label, [*first, Length(least, most, f"要{least}到{most}个字。"), _one_line], description=about)


def _one_line(_: FlaskForm, field: Field) -> None:
    if not (field.data or "").strip().isprintable():
        raise ValidationError("里面有看不见的字符，多半是从别处复制带来的，请重新打一遍。")


def whole(label: str, least: int, most: int, about: str = "") -> StringField:
    """Return a field for a whole number."""

    def between(_: FlaskForm, field: Field) -> None:
        text = (field.data or "").strip()
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValidationError(f"要填{least}到{most}之间的整数。")

    return StringField(label, [DataRequired(NEEDED), between], description=about, render_kw={"inputmode": "numeric"})


def hours(label: str) -> StringField:
    """Return a field for hours, as 8 or 7.5."""
    some = Regexp(r"\s*[1-9][0-9]{0,2}(\.[0-9])?\s*$", message="要填大于0的小时数，比如 8 或 7.5。")
    return StringField(label, [DataRequired(NEEDED), some], render_kw={"inputmode": "decimal"})


def share(label: str, about: str) -> StringField:
    """Return a field for a number from 0 to 1."""
    between = Regexp(r"\s*(0(\.\d{1,3})?|1(\.0{1,3})?)\s*$", message="要填0到1之间的数，比如 0.77。")
    return StringField(label, [DataRequired(NEEDED), between], description=about, render_kw={"inputmode": "decimal"})


class Lines(TextAreaField):  # type: ignore[misc]
    """A list of texts, one a line."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take the lines that are not blank."""
        self.data = [line.strip() for line in (valuelist[0] if valuelist else "").splitlines() if line.strip()]

    def _value(self) -> str:
        return "\n".join(self.data or ())


class DropForm(FlaskForm):  # type: ignore[misc]
    """The confirmation of taking something out."""

    sure = BooleanField("上面说的我看过了，要去掉")


class OfficeForm(SetupForm):
    """The town and its two offices."""

    name = words("镇（街道）名")
    example = BooleanField("下面还是示例，不是真的", description="全部换成真的以后，去掉这个勾。")
    office_name = words("镇政府：名称")
    office_phone = words("镇政府：电话")
    office_hours = words("镇政府：上班时间", about=HOURS)
    office_address = words("镇政府：地址（可以不填）", 200, needed=False)
    justice_office_name = words("司法所：名称")
    justice_office_phone = words("司法所：电话")
    justice_office_hours = words("司法所：上班时间", about=HOURS)
    justice_office_address = words("司法所：地址（可以不填）", 200, needed=False)


class VillageForm(SetupForm):
    """A village and its adviser."""

    name = words("村（社区）名", 40)
    scene = whole("二维码编号", 1, 100000, "村里二维码里的号码，一个村一个，印出去以后不要改。")
    adviser_name = words("法律顾问：姓名", 40)
    adviser_phone = words("法律顾问：电话")
    adviser_duty = words("法律顾问：值班时间", about=DUTY)

    others: Sequence[tuple[str, int]] = ()

    def validate_name(self, field: Field) -> None:
        """Two villages of one name could not be told apart."""
        if field.data.strip() in {name for name, _ in self.others} | {"未说明", "外镇"}:
            raise ValidationError("已经有这个村名了（「未说明」「外镇」也不能用）。")

    def validate_scene(self, field: Field) -> None:
        """Nor could two of one number."""
        if field.data.strip().isdecimal() and int(field.data) in {scene for _, scene in self.others}:
            raise ValidationError("别的村在用这个编号。")

    def values(self) -> Values:
        """Return what was filled in, the number as one."""
        said = super().values()
        return said | {"scene": int(said["scene"])}


class HotlineForm(SetupForm):
    """A hotline."""

    number = StringField("号码", [DataRequired(NEEDED), Regexp(r"\s*[0-9]{3,6}\s*$", message="要填3到6位数字。")])
    purpose = words("做什么用", 40, least=2)
    when = words("什么时候打", least=2)
    source = words("出处", 80, about="谁公布的，比如：司法行政机关公共法律服务热线。")
    checked = DateField("最近核对的日期", [DataRequired("没有填，或者不是日期。")], format=_DAY)
    first = BooleanField("机器人自己答不了的时候，把它给群众")

    others: Sequence[str] = ()
    today: date = date.max

    def validate_number(self, field: Field) -> None:
        """A number stands once."""
        if field.data.strip() in self.others:
            raise ValidationError("已经有这个号码了。")

    def validate_checked(self, field: Field) -> None:
        """Nobody has checked it tomorrow."""
        if field.data and field.data > self.today:
            raise ValidationError("还没有到这一天。")


class ThresholdForm(SetupForm):
    """When the bot answers outright, and when it offers nothing."""

    answer = share("把握到多少才直接回答", "调低：直接答的多，答错的也多；调高：多给选项让群众选。")
    offer = share("把握低于多少就不给选项", "调低：更常给选项，不像的也给；调高：更常说没有。")

    def validate_offer(self, field: Field) -> None:
        """What is not offered cannot be answered outright."""
        if re.fullmatch(r"[\d.]+", self.answer.data or "") and float(field.data) > float(self.answer.data):
            raise ValidationError("不能比上面那个大。")

    def values(self) -> Values:
        """Return the two numbers."""
        return {name: float(text) for name, text in super().values().items()}


def of_lists(names: Sequence[str]) -> type[SetupForm]:
    """Return a form with one list for each name: ``list0``, ``list1`` and so on."""

    def distinct(_: FlaskForm, field: Field) -> None:
        if not field.data:
            raise ValidationError("至少留一项。")
        if len(set(field.data)) < len(field.data):
            raise ValidationError("有两行是一样的，删掉一行。")
        if long := [line for line in field.data if len(line) > 40]:
            raise ValidationError(f"「{long[0][:20]}…」太长，不超过40字。")

    made = {}
    for n, name in enumerate(names):
        about = "每行一项，名字里不能有顿号、逗号和空格。" if name == "人群" else "每行一项。"
        made[f"list{n}"] = Lines(name.replace(" ", "："), [distinct], description=about, render_kw={"rows": 10})
    return type("ListsForm", (SetupForm,), made)


_PERIODS = {
    "text_days": "群众的原话、评价，机器人回的原文",
    "tickets_days": "转人工的问题：办完多久去掉是谁、问了什么",
    "villagers_days": "不再来的人：村子、对话停在哪里",
    "duties_years": "值班任务（急事报告）的处理结果",
    "rows_years": "去掉原话以后的消息记录",
    "log_months": "安全日志",
    "counted_years": "每个月的统计数字",
    "registers_years": "台账",
}


def of_periods() -> type[SetupForm]:
    """Return the form of the periods of keeping."""

    def allowed(_: FlaskForm, field: Field) -> None:
        text = (field.data or "").strip()
        value = None if text == FOR_EVER else int(text) if re.fullmatch(r"[0-9]{1,9}", text) else text
        if problem := fault(field.name, value):
            raise ValidationError(problem + "。")

    made = {}
    for name, limit in LIMITS.items():
        about = f"{limit.least}到{limit.most}{limit.unit}{'，或者写' + FOR_EVER if limit.ever else ''}。{limit.rule}。"
        made[name] = StringField(f"{_PERIODS[name]}（{limit.unit}）", [DataRequired(NEEDED), allowed], description=about)
    return type("PeriodsForm", (SetupForm,), made)


def choice(label: str, choices: Sequence[str], about: str = "") -> RadioField:
    """Return a field of which one is chosen."""
    one = AnyOf(choices, "选一个。")
    return RadioField(label, [one], choices=list(choices), validate_choice=False, description=about)


def several(label: str, choices: Sequence[str], *, needed: bool, about: str = "") -> SelectMultipleField:
    """Return a field of which several are chosen."""

    def known(_: FlaskForm, field: Field) -> None:
        if not set(field.data or ()) <= set(choices):
            raise ValidationError("里面有不能选的，请重新选。")

    checks: list[Any] = [DataRequired("至少选一个。")] if needed else []
    return SelectMultipleField(label, [*checks, known], choices=list(choices), validate_choice=False, description=about)


def _tidy(data: Any) -> Any:
    return data.strip() if isinstance(data, str) else data
