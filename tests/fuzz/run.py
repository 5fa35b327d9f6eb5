"""Fuzz for as long as one likes: python -m tests.fuzz.run [--seconds 60] [--replay FILE] [test …]

With atheris (tests/fuzz/requirements.txt) new inputs follow from which lines of the program the last ones reached; without
it they are made at random. What ends a test is kept in instance/fuzz/ and can be replayed.
"""

import argparse
import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

MODULES = ("test_webhook", "test_dialogue", "test_reader", "test_workbook")
FOUND = Path("instance/fuzz")
REPEATS = 50
"""Without atheris: how many times as many tries as in the tests, all of them new."""


def targets() -> dict[str, Callable[..., None]]:
    """Return what can be fuzzed by name: every property of these modules."""
    found = {}
    for module in MODULES:
        for name, value in vars(importlib.import_module(f"tests.fuzz.{module}")).items():
            if name.startswith("test_") and hasattr(value, "hypothesis"):
                found[name.removeprefix("test_")] = value
    return found


def fuzz(name: str, seconds: float) -> None:
    """Fuzz one property in this process; atheris ends it."""
    import atheris

    with atheris.instrument_imports(include=["bot", "handlers"], enable_loader_override=False):
        target = targets()[name]
    try_ = target.hypothesis.fuzz_one_input  # type: ignore[attr-defined]
    FOUND.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={int(seconds)}", f"-artifact_prefix={FOUND}/{name}-", "-max_len=8192", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options], try_)
    atheris.Fuzz()


def main() -> int:
    """Fuzz what is named, or everything, each in a process of its own; 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="in all")
    parser.add_argument("--replay", type=Path)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    if args.here:
        fuzz(args.names[0], args.seconds)
        return 0
    names = args.names or list(targets())
    if args.replay:
        targets()[names[0]].hypothesis.fuzz_one_input(args.replay.read_bytes())  # type: ignore[attr-defined]
        return 0
    if importlib.util.find_spec("atheris") is None:
        print("没有装 atheris，改为随机地试。")
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n0", "tests/fuzz", "-k", " or ".join(names)],
            env=os.environ | {"FUZZ": str(REPEATS)},
        ).returncode
    failed = []
    for name in names:
        command = [sys.executable, "-m", "tests.fuzz.run", "--here", "--seconds", str(args.seconds / len(names)), name]
        print(f"{name} …", flush=True)
        if subprocess.run(command, env=os.environ | {"LOG_LEVEL": "error"}).returncode:
            failed.append(name)
    print(f"有问题：{'、'.join(failed)}，输入存在 {FOUND}" if failed else "没有发现问题。")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
