"""Topics that villagers ask about and no entry answers, told apart so that the nearest entry does not answer instead."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

CATEGORY = "条目以外"


class Topic(BaseModel):
    """What no entry answers: its name, what kind of thing it is, why there is no entry, and how people ask."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: str = Field(min_length=1, max_length=40)
    kind: Literal["法律", "闲聊", "不清楚"]
    why: str = Field(min_length=1, max_length=200)
    phrasings: tuple[str, ...] = Field(min_length=1)


Outside = tuple[Topic, ...]
_TOPICS = TypeAdapter(Outside)


def topics(data: Any) -> Outside:
    """Make topics of a list of mappings. Raises pydantic's ValidationError."""
    return _TOPICS.validate_python(data or ())
