from pathlib import Path

import pytest

from bot.settings import Settings, SettingsError, is_aes_key, load, problems
from tests.actors import AES_KEY

REAL = {"WECHAT_TOKEN": "t" * 32, "WECHAT_APP_ID": "wx0123456789abcdef", "WECHAT_AES_KEY": AES_KEY}


def test_without_any_setting_it_is_a_demo_with_secrets_that_survive_a_restart(tmp_path: Path) -> None:
    first, demo = load({}, folder=tmp_path)
    again, _ = load({}, folder=tmp_path)
    assert demo
    assert (first.mode, first.host, first.port) == ("plain", "127.0.0.1", 8000)
    assert len(first.wechat_token) >= 16
    assert first == again
    assert (tmp_path / "instance" / "secrets.env").stat().st_mode & 0o077 == 0


def test_with_a_key_the_mode_is_safe(tmp_path: Path) -> None:
    settings, demo = load(REAL, folder=tmp_path)
    assert (settings.mode, demo) == ("safe", False)


def test_a_dotenv_file_is_read_also_with_a_bom_and_windows_line_ends(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfWECHAT_TOKEN=" + b"t" * 32 + b"\r\nPORT=9000\r\n")
    settings, _ = load({"PORT": "9001"}, folder=tmp_path)
    assert (settings.wechat_token, settings.port) == ("t" * 32, 9001)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"WECHAT_TOKEN": ""}, "E01"),
        ({"WECHAT_TOKEN": "  "}, "E01"),
        ({"WECHAT_AES_KEY": "short"}, "E02"),
        ({"WECHAT_AES_KEY": AES_KEY + "a"}, "E02"),
        ({"WECHAT_AES_KEY": AES_KEY[:-1] + "="}, "E02"),
        ({"WECHAT_AES_KEY_PREVIOUS": "short"}, "E02"),
        ({"WECHAT_AES_KEY": "", "WECHAT_MODE": "safe"}, "E03"),
        ({"WECHAT_APP_ID": ""}, "E04"),
        ({"DATABASE_URL": "mysql://x"}, "E05"),
        ({"PORT": "web"}, "E00"),
        ({"PORT": "70000"}, "E00"),
        ({"WECHAT_MODE": "secure"}, "E00"),
        ({"THREADS": "0"}, "E00"),
        ({"CONSOLE_PORT": "0"}, "E00"),
        ({"CONSOLE_PORT": "8000"}, "E07"),
        ({"CONSOLE_HOST": "127.0.0.1"}, "E07"),
        ({"TRUSTED_PROXY": "nginx"}, "E08"),
        ({"TRUSTED_PROXY": "*"}, "E08"),
        ({"PUBLIC_URL": "wenda.example.cn"}, "E09"),
        ({"PUBLIC_URL": "javascript:alert(1)"}, "E09"),
        ({"PUBLIC_URL": "https://a:b@wenda.example.cn/"}, "E09"),
        ({"PUBLIC_URL": "https://wenda.example.cn:99999/"}, "E09"),
        ({"PUBLIC_URL": "https://" + "a" * 100}, "E09"),
        ({"PUBLIC_URL": "https:///nowhere"}, "E09"),
    ],
)
def test_a_broken_setting_is_refused_with_its_number_and_a_hint(tmp_path: Path, changes: dict[str, str], code: str) -> None:
    with pytest.raises(SettingsError) as e:
        load(REAL | changes, folder=tmp_path)
    assert code in str(e.value)
    assert next(iter(changes)) in str(e.value)


@pytest.mark.parametrize("address", ["https://wenda.example.cn/", "http://192.0.2.1:8000/", "https://问答.example.cn/"])
def test_the_address_of_the_web_page_is_taken(tmp_path: Path, address: str) -> None:
    assert load(REAL | {"PUBLIC_URL": address}, folder=tmp_path)[0].public_url == address


def test_a_token_alone_set_empty_is_not_taken_for_the_demo(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="E01"):
        load({"WECHAT_TOKEN": ""}, folder=tmp_path)


def test_weak_but_usable_settings_are_warned_of() -> None:
    codes = [f.code for f in problems(Settings(wechat_token="short"))]
    assert codes == ["W01", "W02"]


@pytest.mark.parametrize(
    ("key", "good"), [(AES_KEY, True), ("a" * 43, True), ("a" * 42, False), ("é" * 43, False), ("", False)]
)
def test_aes_keys(key: str, good: bool) -> None:
    assert is_aes_key(key) is good
