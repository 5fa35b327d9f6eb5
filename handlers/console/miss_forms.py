"""The forms with which a group of questions is dealt with: each asks once more what is to be done with which."""

from collections.abc import Iterable, Mapping

from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from bot.faq.edit.additions import LONGEST
from bot.ledger.misses import Miss
from bot.matching.normalise import normalise
from bot.reports.misses import Group
from handlers.console.miss_access import MOST

TICKED = 5
"""So many questions are ticked to begin with, the ones that were put most often."""

READABLE = 60
"""A longer one is a story: as a phrasing it is better cut down first."""

NEW_TOPIC = "+"


class SaidForm(Form):  # type: ignore[misc]
    """A question that may be taken: the villager's words, to be changed where names stand in them."""

    id = HiddenField()
    use = BooleanField("用这一句")
    text = TextAreaField("问法", validators=[Optional(), Length(max=LONGEST, message=f"最多{LONGEST}个字")])


class TakingForm(FlaskForm):  # type: ignore[misc]
    """What all have in common. until: the latest question that was on the page; rest: the others are dealt with as well."""

    said = FieldList(FormField(SaidForm), max_entries=MOST)
    rest = BooleanField("这一组其余的问题也算处理完了", default=True)
    until = HiddenField()

    def fill(self, group: Group) -> None:
        """Fill in the questions of a group."""
        for place, one in enumerate(group.said[:MOST]):
            self.said.append_entry({"id": one.id, "text": one.text, "use": place < TICKED and len(one.text) <= READABLE})
        if self.said.entries and not any(entry.form.use.data for entry in self.said):
            self.said[0].form.use.data = True
        self.until.data = group.last.at

    @property
    def texts(self) -> list[str]:
        """The texts that are ticked."""
        return [entry.form.text.data or "" for entry in self.said if entry.form.use.data]

    def settled(self, group: Group) -> list[Miss]:
        """Return the questions that this deals with: those on the page, or only those that are ticked."""
        there = [miss for miss in group.misses if miss.at <= (self.until.data or "")]
        if self.rest.data:
            return there
        ids = {entry.form.id.data for entry in self.said if entry.form.use.data}
        texts = {normalise(one.text) for one in group.said if one.id in ids}
        return [miss for miss in there if normalise(miss.text) in texts]


class EntryForm(TakingForm):
    """To which entry they are added."""

    entry = SelectField("加到哪一条", validators=[InputRequired("选一条")])


class NewForm(TakingForm):
    """What the new entry is about."""

    question = StringField(
        "标准问题",
        validators=[DataRequired("写上标准问题"), Length(max=60, message="最多60个字")],
        filters=[lambda t: (t or "").strip()],
    )
    category = SelectField("放在哪一类")


class TopicForm(TakingForm):
    """Which topic outside they belong to; a new one needs a name, a kind and a reason."""

    topic = SelectField("哪个话题")
    name = StringField("新话题的名称", validators=[Length(max=40, message="最多40个字")], filters=[lambda t: (t or "").strip()])
    kind = RadioField("是哪种", choices=["法律", "闲聊", "不清楚"], default="法律")
    why = StringField(
        "为什么不写条目，一般归谁管", validators=[Length(max=200, message="最多200个字")], filters=[lambda t: (t or "").strip()]
    )

    def is_new(self) -> bool:
        """Tell whether it is a topic of its own, and blame what is missing of it."""
        if self.topic.data != NEW_TOPIC:
            return False
        for field, problem in ((self.name, "写上话题的名称"), (self.why, "写上为什么")):
            if not field.data:
                field.errors = [*field.errors, problem]
        return True


class LawyerForm(FlaskForm):  # type: ignore[misc]
    """Which adviser answers it."""

    to = SelectField("给谁", coerce=int)
    until = HiddenField()


def ranked(first: Iterable[tuple[str, str]], rest: Mapping[str, Iterable[tuple[str, str]]]) -> list[SelectChoice]:
    """Return choices in groups, those that are likely before all."""
    groups = {"可能是": first, **rest}
    return [SelectChoice(value, label, optgroup=group) for group, choices in groups.items() for value, label in choices]
