"""What is wrong in the knowledge folder: where it is, what it is, what to do."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One finding. ``line`` counts from 1; 0 means the whole file. ``field`` is empty where no field is at fault."""

    path: Path
    line: int
    field: str
    problem: str
    remedy: str
    severity: Severity = "error"

    def __str__(self) -> str:
        word = "错误" if self.severity == "error" else "提醒"
        where = f"{self.path}" + (f" 第{self.line}行" if self.line else "") + (f" {self.field}" if self.field else "")
        return f"{word}：{where}：{self.problem}。{self.remedy}。"
