"""Known weaknesses of the packages that are installed: python -m tests.audit (part of ``make check``).

Where no source of known weaknesses can be reached from here, it says so and is no failure.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FILES = ("requirements.txt", "requirements-laws.txt")
SERVICES = ("pypi", "osv")
SECONDS = 120

Found = list[dict[str, Any]]


def asked(service: str, files: Sequence[str] = FILES) -> Found:
    """Return what pip-audit says of each package; nothing where it could not ask."""
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", service, "--timeout", "15"]
    there = [name for name in files if Path(name).exists()]
    command += ["--disable-pip", "--progress-spinner", "off", "--format", "json", *(word for f in there for word in ("-r", f))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        found: Found = json.loads(done.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
        return []
    return found


def told(found: Found) -> tuple[int, str]:
    """Return the exit status and what to tell: 1 where a package has a known weakness."""
    looked_up = [one for one in found if "vulns" in one]
    if not looked_up:
        return 0, "依赖审计：这里连不上漏洞库（PyPI、OSV），没有查。请在连得上互联网的电脑上再运行一次 make check。"
    weak = [one for one in looked_up if one["vulns"]]
    lines = [
        f"{one['name']} {one['version']}：{v['id']}，"
        + (f"升到 {'、'.join(v['fix_versions'])}" if v["fix_versions"] else "还没有修好的版本，看看要不要停用")
        for one in weak
        for v in one["vulns"]
    ]
    unknown = [one["name"] for one in found if "vulns" not in one]
    if unknown:
        lines.append(f"没有查到：{'、'.join(unknown)}")
    if weak:
        lines += ["改 requirements.in 里的版本，运行 make lock，再运行 make test。"]
    head = f"依赖审计：{len(looked_up)} 个包，{len(weak)} 个有已知漏洞。"
    return (1 if weak else 0), "\n".join([head, *lines])


def main() -> int:
    """Ask each source until one answers."""
    found: Found = []
    for service in SERVICES:
        found = asked(service)
        if any("vulns" in one for one in found):
            break
    status, text = told(found)
    print(text)
    return status


if __name__ == "__main__":
    sys.exit(main())
