"""``retention.yaml``: how long the town keeps what, within the limits of the law."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot.faq.finding import Finding
from bot.faq.town import read_yaml
from bot.ledger.keeping.retention import FOR_EVER, LIMITS, Periods, fault

FILE = "retention.yaml"
_KEPT: dict[str, Any] = dict.fromkeys(name for name, limit in LIMITS.items() if limit.ever)
_DATA = TypeAdapter(dict[str, Any])
_REMEDY = "对照程序附带的 retention.yaml，每行写成「名称: 数字」；改好以前原话和代号按默认的期限清理，可以永久保存的不删"


def read_periods(path: Path) -> tuple[Periods, list[Finding]]:
    """Read ``retention.yaml``; the defaults where there is none, or where it says nothing.

    In place of what is wrong stands the default too, but what may be kept for ever is kept until it is put right: a slip of
    the pen must not delete what the town meant to keep.
    """
    if not path.exists():
        return Periods(), []
    data, findings = read_yaml(path, lambda data: _DATA.validate_python(data or {}), _REMEDY)
    if data is None:
        return replace(Periods(), **_KEPT), findings
    values: dict[str, Any] = {}
    for name in LIMITS:
        value = data.get(name, getattr(Periods(), name))
        problem = "是空的" if value is None and name in data else fault(name, value := None if value == FOR_EVER else value)
        if problem and name in data:
            findings.append(Finding(path, _line(path, name), name, f"{name} {problem}", _remedy(name)))
        else:
            values[name] = value
    strange = data.keys() - LIMITS.keys()
    findings += [Finding(path, _line(path, name), name, "没有这一项", _REMEDY) for name in sorted(strange)]
    # A name that is misspelt may have been meant for any that is not there.
    wrong = [name for name in _KEPT if name not in values or (strange and name not in data)]
    return Periods(**values | dict.fromkeys(wrong)), findings


def _remedy(name: str) -> str:
    limit = LIMITS[name]
    until = "改好以前这一项不删" if limit.ever else f"改好以前按默认的{getattr(Periods(), name)}{limit.unit}"
    return f"写{limit.least}到{limit.most}之间的整数{'，或者' + FOR_EVER if limit.ever else ''}；{until}"


def _line(path: Path, name: str) -> int:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith(f"{name}:")), 0)
