"""``deploy/`` against the program: every path, setting and number in it is the program's own."""

import configparser
import re
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from bot.settings import Settings
from handlers import console, web, wechat_io
from handlers.server import DRAIN_SECONDS, MAX_BODY
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
SETTINGS = {name.upper() for name in Settings.model_fields}
DOCS = {path: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "operations.md", DEPLOY / "windows.md")}


def unit(name: str) -> configparser.SectionProxy:
    """Return the [Service] of a unit; of a name that comes more than once, the last value."""
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(DEPLOY / name, encoding="utf-8")
    return parser["Service"]


def compose() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


def test_the_service_is_given_the_time_to_finish_and_is_started_again_whatever_happens() -> None:
    service = unit("bot.service")
    assert DRAIN_SECONDS + 5 <= seconds(service["TimeoutStopSec"]) <= 60
    assert (service["Restart"], service["KillMode"], service["User"]) == ("always", "mixed", "bot")
    assert "StartLimitIntervalSec=0" in (DEPLOY / "bot.service").read_text(encoding="utf-8")
    stop: str = compose()["services"]["bot"]["stop_grace_period"]  # type: ignore[index, assignment]
    assert seconds(stop) >= DRAIN_SECONDS + 5
    (timeout,) = re.findall(r"<stoptimeout>(\d+) sec</stoptimeout>", DOCS[DEPLOY / "windows.md"])
    assert int(timeout) >= DRAIN_SECONDS + 5


def test_the_service_may_write_its_own_folder_and_nothing_else() -> None:
    service = unit("bot.service")
    assert (service["ProtectSystem"], service["StateDirectory"]) == ("strict", "bot")
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert "ReadWritePaths" not in service
    # What is kept lies below the folder where the program runs, wherever its defaults are not changed.
    for name in ("knowledge_dir", "cache_dir"):
        assert not Path(Settings.model_fields[name].default).is_absolute()
    assert Settings.model_fields["database_url"].default == "sqlite:///instance/bot.db"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_every_unit_is_one_that_systemd_understands(path: Path, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    for one in UNITS:  # a timer is looked at with its service
        text = one.read_text(encoding="utf-8").replace("/opt/bot/.venv/bin/python", shutil.which("python3") or "")
        text = text.replace("User=bot", "User=daemon").replace("Group=bot", "Group=daemon")
        (tmp_path / one.name).write_text(text, encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", tmp_path / path.name], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_is_hardened_as_systemd_itself_rates_it() -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd here")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", DEPLOY / "bot.service"]
    done = subprocess.run(command, capture_output=True, text=True)  # exposure at most 2.0 of 10
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_of_the_units_is_one_of_the_program() -> None:
    for path in UNITS:
        for line in re.findall(r"(?m)^ExecStart=(.*)$", path.read_text(encoding="utf-8")):
            words = shlex.split(line)
            if words[0] != "/opt/bot/.venv/bin/python":
                assert Path(words[0]).name == "find"
            elif words[1] == "-m":
                assert f'"{words[3]}"' in (ROOT / "bot" / "__main__.py").read_text(encoding="utf-8")
            else:
                assert (ROOT / words[1].removeprefix("/opt/bot/")).is_file(), line


def test_the_image_holds_what_the_program_needs_and_runs_as_nobody_special() -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^FROM (.*)$", text) == ["python:3.11-slim-bookworm"]
    copied = {line.split()[-2] for line in re.findall(r"(?m)^COPY (.*)$", text)}
    assert {"app.py", "bot", "handlers", "knowledge", "requirements.txt"} <= copied
    assert all((ROOT / name).exists() for name in copied)
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*" and {line[1:] for line in ignored if line.startswith("!")} == copied
    (user,) = re.findall(r"(?m)^USER (.*)$", text)
    assert user.partition(":")[0].isdigit() and user != "0:0"
    assert "/readyz" in text and '"python", "/app/app.py"' in text
    (environment,) = re.findall(r"(?m)^ENV (.*)$", text)
    names = {pair.partition("=")[0] for pair in environment.split()}
    assert {name for name in names if not name.startswith("PYTHON")} <= SETTINGS
    # Debian's packages that the Makefile installs for pictures and print are the image's, too.
    assert "fonts-noto-cjk" in text and "fonts-noto-cjk" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_compose_file_names_only_what_there_is() -> None:
    data = compose()
    bot, nginx = data["services"]["bot"], data["services"]["nginx"]
    assert (DEPLOY / bot["build"]["context"] / bot["build"]["dockerfile"]).resolve() == DEPLOY / "Dockerfile"  # type: ignore[index]
    assert set(bot["environment"]) <= SETTINGS  # type: ignore[call-overload]
    assert bot["environment"]["TRUSTED_PROXY"] == nginx["networks"]["inside"]["ipv4_address"]  # type: ignore[index]
    (volumes,) = re.findall(r"(?m)^VOLUME \[(.*)\]$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    named = [volume.split(":") for volume in bot["volumes"]]  # type: ignore[index, attr-defined]
    assert {name for name, _ in named} == set(data["volumes"])
    assert sorted(path for _, path in named) == sorted(re.findall(r'"([^"]+)"', volumes))
    assert re.fullmatch(r"nginx:\d+\.\d+-bookworm", str(nginx["image"]))
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    command = nginx["command"][2]  # type: ignore[index]
    replaced = re.findall(r"-e s(.)(.+?)\1(.+?)\1", command)
    assert len(replaced) == 2 and all(shipped in site for _, shipped, _ in replaced)
    assert f"{bot['networks']['inside']['ipv4_address']}:{bot['environment']['PORT']}" in command  # type: ignore[index]
    mounted = [volume.split(":")[1] for volume in nginx["volumes"]]  # type: ignore[index, attr-defined]
    assert "/etc/bot/certs" in mounted and "/etc/bot/certs/fullchain.pem" in site


def test_nginx_lets_through_exactly_what_the_program_does() -> None:
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    sizes = dict(re.findall(r"location ~ \S*?(/wechat|/console)\S* \{[^}]*?client_max_body_size (\d+[km]);", site))
    whole = re.findall(r"(?m)^    client_max_body_size (\d+[km]);", site)
    in_bytes = {name: int(size[:-1]) * {"k": 1024, "m": 1024**2}[size[-1]] for name, size in sizes.items()}
    assert in_bytes == {"/wechat": wechat_io.MAX_BODY, "/console": console.MAX_UPLOAD}
    assert whole == [f"{web.MAX_BODY // 1024}k"]
    assert console.MAX_UPLOAD <= MAX_BODY
    (of_wechat,) = re.findall(r"location ~ \^/wechat\S* \{([^}]*)\}", site)
    assert "limit_" not in of_wechat  # WeChat's few addresses send the whole town's messages


def test_log_rotation_neither_copies_nor_races_with_the_program() -> None:
    text = re.sub(r"#.*", "", (DEPLOY / "logrotate.conf").read_text(encoding="utf-8"))
    words = text.split()
    assert {"nocreate", "delaycompress"} <= set(words) and not {"copytruncate", "create"} & set(words)
    assert int(words[words.index("rotate") + 1]) >= 180  # six months at least: 网络安全法第二十一条
    assert "LOG_FILE=/var/log/bot/bot.log" in DOCS[ROOT / "docs" / "operations.md"]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_what_the_instructions_name_is_there(path: Path) -> None:
    text = DOCS[path]
    for name in set(re.findall(r"deploy/[\w.*-]+[\w*]", text)):
        assert list(ROOT.glob(name)), name
    for target in re.findall(r"\]\((\.\./[^)#]+)", text):
        assert (path.parent / target).exists(), target
    for name in set(re.findall(r"(?m)\b([A-Z]+_[A-Z_]+)=", text)):
        assert name in SETTINGS, name
    main = (ROOT / "bot" / "__main__.py").read_text(encoding="utf-8")
    for command in set(re.findall(r"(?m)(?:python -m bot|^ *bot|`bot) ([a-z]+)\b", text)):
        assert f'"{command}"' in main, command


def test_the_windows_service_starts_the_program_in_its_folder() -> None:
    (text,) = re.findall(r"( *<service>.*?</service>)", DOCS[DEPLOY / "windows.md"], re.DOTALL)
    service = ET.fromstring(text)
    values = {child.tag: child.text for child in service}
    assert (values["arguments"], values["workingdirectory"]) == (r"C:\bot\app.py", r"C:\bot")
    assert values["startmode"] == "Automatic"
    assert [child.get("action") for child in service.iter("onfailure")] == ["restart"]


def test_the_numbers_that_the_instructions_explain_are_those_of_the_program() -> None:
    text = DOCS[ROOT / "docs" / "operations.md"]
    source = (ROOT / "handlers" / "metrics.py").read_text(encoding="utf-8")
    there = set(re.findall(r'"(bot_\w+)"', source))
    told = {name.removesuffix("_total") for name in re.findall(r"`(bot_\w+)", text)}
    assert told == there
