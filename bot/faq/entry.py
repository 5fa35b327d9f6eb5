"""One FAQ entry: a standard question, its phrasings, one answer that a person can sign."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bot.faq.citation import parse

ID = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=ID, max_length=64)]


def cited(citation: str) -> str:
    """Return a citation that can be read. Raises PydanticCustomError."""
    if not citation.startswith("《") or parse(citation) is None:
        raise PydanticCustomError("citation", "读不懂的依据「{citation}」", {"citation": citation})
    return citation


class Entry(BaseModel):
    """An entry as the file says it.

    ``category`` is the folder, ``answer`` and ``more`` are the body, ``version`` is a hash of it all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Id
    category: Text
    question: Annotated[Text, StringConstraints(max_length=60)]
    phrasings: tuple[Annotated[Text, StringConstraints(max_length=200)], ...] = Field(min_length=1)
    basis: tuple[Annotated[Text, AfterValidator(cited)], ...] = Field(min_length=1)
    deadline: Annotated[Text, StringConstraints(max_length=100)] | None = None
    related: tuple[Id, ...] = ()
    not_to_confuse_with: tuple[Id, ...] = ()
    status: Literal["draft", "signed", "withdrawn"]
    author: Text
    updated: date
    reviewed_by: Text | None = None
    reviewed_on: date | None = None
    valid_until: date | None = None
    answer: Text
    more: str = ""
    version: str = ""

    @model_validator(mode="after")
    def _signed_by_a_person(self) -> Self:
        if self.status == "signed" and not (self.reviewed_by and self.reviewed_on and self.valid_until):
            raise PydanticCustomError("signed", "已签发的条目要有审核人、审核日期和有效期")
        return self

    def is_expired(self, today: date) -> bool:
        """Tell whether the entry's last valid day has passed; such an entry answers nobody."""
        return self.valid_until is not None and self.valid_until < today
