"""``counting.yaml``: how the town counts, which numbers are hidden, how figures are rounded in sentences."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from bot.faq.finding import Finding
from bot.faq.town import read_yaml
from bot.ledger.counting import OUTCOMES, Outcome, Rule, Window
from bot.message import CHANNELS

FILE = "counting.yaml"


class Counting(BaseModel):
    """The town's choices. rounded: figure -> the place to which it is floored in sentences (余)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window: Window = "天"
    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1)] = OUTCOMES
    channels: Annotated[tuple[str, ...], Field(min_length=1)] = CHANNELS
    sensitive: tuple[str, ...] = ()
    mediation_types: dict[str, str] = Field(default_factory=dict)
    rounded: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    adviser_hours: Annotated[float, Field(gt=0)] = 8
    roster_per_village: Annotated[int, Field(ge=0)] = 3

    @model_validator(mode="after")
    def _known(self) -> "Counting":
        if unknown := set(self.channels) - set(CHANNELS):
            raise ValueError(f"channels: {unknown}")
        return self

    @property
    def rule(self) -> Rule:
        """The counting rule."""
        return Rule(self.window, self.outcomes, self.channels, self.sensitive, self.mediation_types)


_COUNTING = TypeAdapter(Counting)


def read_counting(path: Path) -> tuple[Counting, list[Finding]]:
    """Read ``counting.yaml``; the defaults where it is not there, and findings too where it cannot be used."""
    if not path.exists():
        return Counting(), []
    remedy = f"对照程序附带的 counting.yaml；channels 只能用：{'、'.join(CHANNELS)}"
    found, findings = read_yaml(path, lambda data: _COUNTING.validate_python(data or {}), remedy)
    return found or Counting(), findings
