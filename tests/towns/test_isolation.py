"""Two towns and the county's office, looked at as somebody would who wants to see another town's: nothing of it shows."""

import html
import io
import logging
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from werkzeug.routing import Rule

from bot.ledger import advisers, uploads
from bot.ledger.access import audit, users
from bot.ledger.access.users import ADMIN, COUNTY, ROLES
from bot.ledger.clock import stamp
from bot.ledger.register import records
from bot.ledger.register.definitions import REGISTERS
from bot.notices import pictures
from tests.commands import command
from tests.conftest import write_entry
from tests.towns.conftest import Browser, County, environment

pytestmark = pytest.mark.both_ledgers

MARKS = {"aaa": "檀木匣", "bbb": "琉璃盏"}
"""A word that stands in every text of a town and nowhere else."""

DEAR = re.compile("pdf|png|books|template|compare")
"""What takes long to make, and is made of the same rows over both ledgers."""

OPENID = "oThe_same_person_0000000001"
WAGE = "老板不给工资"


@dataclass
class Planted:
    """A town full of its word: what was made there, and who is logged in."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    people: dict[str, Browser] = field(default_factory=dict)
    number: str = ""
    code: str = ""


@pytest.fixture(scope="module")
def towns(county: County) -> dict[str, Planted]:
    return {slug: _plant(county, slug, MARKS[slug]) for slug in MARKS}


def _plant(county: County, slug: str, mark: str) -> Planted:
    made, here, now = Planted(), county.town(slug), datetime.now(UTC)
    folder = here.settings.knowledge_dir
    write_entry(folder, f"own-{slug}", f"{mark}怎么办？", [f"{mark}不见了", f"{mark}坏了"], f"找管{mark}的人。", f"{mark}类")
    facts = folder / "town.yaml"
    facts.write_text(facts.read_text("utf-8").replace("示例顾问一", f"{mark}顾问"), "utf-8")
    here.library.refresh()
    made.people = {role: county.login(slug, role, name=f"{mark}{role}") for role in ROLES}
    someone = county.wechat(slug).villager(OPENID)
    someone.says(f"{mark}的事没人管")
    opened = someone.says("00").text
    if "编号" not in opened:
        opened = someone.says(f"我要问{mark}的事").text
    found = re.search(r"编号(\d+)", opened)
    assert found, opened
    made.number = found[1]
    someone.says("我的村")
    with here.store.writing() as db:
        offline = REGISTERS["offline"]
        values = {
            "day": now.date().isoformat(), "village": "示例一村", "channel": "来访", "category": "婚姻", "people": "1",
            "answered_by": "法律顾问", "result": "已解答", "summary": f"{mark}来访",
        }  # fmt: skip
        number = records.add(db, offline, _fitting(offline, values), by=f"{mark}统计员", now=now)
        added = advisers.add(db, name=f"{mark}律师", role="法律顾问", village=None)
        made.code = advisers.new_code()
        advisers.set_code(db, added.number, here.store.code_hash(made.code), now)
        audit.note(db, who=f"{mark}", what="试", about=f"{mark}", now=now)
    clerk = made.people["统计员"]
    sent = clerk.post("/console/reports/files/", period=str(now.year), format="csv", edition="office", template="")
    assert sent.status_code == 303, sent.text
    end = time.monotonic() + 10
    while not (jobs := re.findall(r"/console/reports/files/([\w-]{43})", clerk.get("/console/reports/files/").text)):
        assert time.monotonic() < end
        time.sleep(0.05)
    with here.store.writing() as db:
        person = users.find(db, f"{mark}统计员")
        assert person
        pictures.keep(db, "", _picture(mark), who=f"{mark}", now=now)
        (digest,) = pictures.digests(db).values()
    upload = uploads.Upload(person.number, f"{mark}.xlsx", stamp(now), notes=(f"{mark}的表",))
    token = uploads.keep(here.settings.cache_dir / "uploads", upload, None, now=now)
    made.ids = {"jobs": jobs, "rows": [str(number)], "tickets": [str(int(made.number))], "digest": [digest], "token": [token]}
    return made


def _fitting(register: object, values: dict[str, str]) -> dict[str, object]:
    return {name: int(value) if name == "people" else value for name, value in values.items()}


def addresses(county: County, values: dict[str, list[str]]) -> Iterator[tuple[str, set[str]]]:
    """Yield every address of the console with its methods, its places filled in with what the towns hold."""
    every = {
        "id_": ["own-aaa", "own-bbb", *values.get("jobs", [])], "slug": ["aaa", "bbb"], "key": ["offline", "by_month"],
        "month": ["2026-11"],
        "token": values.get("token", []), "kind": ["1"], "situation": ["coming"], "form": ["a4"],
        "digest": values.get("digest", []), "what": ["pause"], "filename": ["chat.css"],
    }  # fmt: skip
    for rule in county.app.url_map.iter_rules():
        if rule.endpoint in {"static", "bootstrap.static"} or not rule.rule.startswith("/console"):
            continue
        for path in _filled(rule, every, values):
            yield path, (rule.methods or set()) & {"GET", "POST"}


def _filled(rule: Rule, every: dict[str, list[str]], values: dict[str, list[str]]) -> Iterator[str]:
    numbers = sorted({*values.get("rows", []), *values.get("tickets", []), "1", "2", "3"})
    paths = [rule.rule]
    for name in rule.arguments:
        place = re.search(rf"<(?:\w+:)?{name}>", rule.rule)
        assert place
        fits = numbers if "int:" in place[0] or name == "number" else every.get(name, ["1"])
        paths = [path.replace(place[0], value) for path in paths for value in fits]
    yield from paths


def test_a_login_of_one_town_is_nothing_at_any_address_of_another(county: County, towns: dict[str, Planted]) -> None:
    seen = []
    for role in (ADMIN, "司法所"):
        stolen = _cookie(towns["aaa"].people[role], "aaa")
        for path, methods in addresses(county, towns["bbb"].ids):
            for method in methods:
                http = county.app.test_client()
                http.set_cookie("console", stolen, path="/t/bbb/console")
                answer = http.open(f"/t/bbb{path}", method=method)
                open_to_all = path in {"/console/login", "/console/login/code"}
                assert answer.status_code in ({200, 302, 400} if open_to_all else {302, 400, 404}), (path, answer.status_code)
                assert MARKS["bbb"] not in answer.text.replace("乙丑", ""), path
                if answer.status_code == 302:
                    assert answer.headers["Location"].startswith("/t/bbb/console/login"), path
                seen.append(path)
    assert len(set(seen)) > 120


def test_a_session_signed_with_another_key_is_none_even_with_a_token_that_is_good(
    county: County, towns: dict[str, Planted]
) -> None:
    good = _cookie(towns["bbb"].people["统计员"], "bbb")
    http = county.app.test_client()
    http.set_cookie("console", good, path="/t/bbb/console")
    assert http.get("/t/bbb/console/").status_code == 200
    session = _signer(county.town("bbb").settings.secret_key).loads(good)
    for key in (county.town("aaa").settings.secret_key, county.base.settings.secret_key):
        http = county.app.test_client()
        http.set_cookie("console", str(_signer(key).dumps(session)), path="/t/bbb/console")
        assert http.get("/t/bbb/console/").status_code == 302


def test_whoever_is_logged_in_to_one_town_finds_nothing_of_the_other_at_any_address(
    county: County, towns: dict[str, Planted]
) -> None:
    roles = (ADMIN, "法律顾问") if county.base.store.is_file else ("司法所",)
    for role in roles:
        browser, looked = towns["aaa"].people[role], 0
        for path, methods in addresses(county, towns["bbb"].ids):
            if "GET" in methods and (county.base.store.is_file or not DEAR.search(path)):
                page = browser.get(path, headers={"X-Forwarded-Prefix": "/t/bbb", "Script-Name": "/t/bbb"})
                assert MARKS["bbb"] not in _text(page.data), path
                assert page.status_code < 500, path
                looked += page.status_code == 200
        assert looked > 40


def test_the_county_sees_no_town_s_word_on_any_page(county: County, towns: dict[str, Planted]) -> None:
    for role, name in ((ADMIN, "县管理员"), (COUNTY, "县级的人")):
        browser = county.login("", role, name=name)
        for path, methods in addresses(county, towns["aaa"].ids):
            if "GET" in methods and (county.base.store.is_file or not DEAR.search(path)):
                page = browser.get(path)
                assert not any(mark in _text(page.data) for mark in MARKS.values()), path
        for slug in MARKS:
            there = Browser(browser.http, f"/t/{slug}")
            assert there.get("/console/").status_code == 302
            http = county.app.test_client()
            http.set_cookie("console", _cookie(browser, ""), path=f"/t/{slug}/console")
            assert http.get(f"/t/{slug}/console/tickets/").status_code == 302


def test_a_town_s_job_opens_to_nobody_of_another(county: County, towns: dict[str, Planted]) -> None:
    job = towns["bbb"].ids["jobs"][0]
    assert towns["bbb"].people["统计员"].get(f"/console/reports/files/{job}").status_code == 200
    assert towns["aaa"].people["统计员"].get(f"/console/reports/files/{job}").status_code == 404
    assert towns["aaa"].people["统计员"].get(f"/console/reports/files/{job}/file").status_code == 404


def test_an_upload_and_a_picture_open_in_their_own_town_alone(county: County, towns: dict[str, Planted]) -> None:
    for path in (
        f"/console/registers/books/import/{towns['bbb'].ids['token'][0]}",
        f"/console/notices/picture/{towns['bbb'].ids['digest'][0]}",
    ):
        own = towns["bbb"].people["统计员"].get(path)
        assert own.status_code == 200, path
        # Accounts are counted in each town: theirs has the same number.
        assert towns["aaa"].people["统计员"].get(path).status_code == 404, path


def test_the_same_person_is_somebody_else_in_each_town(county: County, towns: dict[str, Planted]) -> None:
    known = {county.town(slug).store.pseudonym(OPENID) for slug in MARKS} | {county.base.store.pseudonym(OPENID)}
    assert len(known) == 3
    other = county.wechat("aaa").villager("oSomebody_else_000000000001")
    assert "没有这个编号" in other.says(towns["bbb"].number).text
    with county.town("bbb").store.reading() as db:
        extra = db.execute("select count(*) from tickets").fetchone()[0]
    assert extra == 1
    fresh = county.wechat("").villager(OPENID)
    assert "没有正在等人答复的问题" in fresh.says("我的问题").text
    assert "还没有" not in fresh.says("查看我的记录").text or MARKS["aaa"] not in fresh.says("查看我的记录").text
    heard = county.wechat("aaa").villager(OPENID).says("查看我的记录").text
    assert MARKS["aaa"] in heard
    assert MARKS["bbb"] not in heard


def test_an_adviser_s_code_binds_in_its_own_town_alone(county: County, towns: dict[str, Planted]) -> None:
    code = towns["bbb"].code
    assert "不对" in county.wechat("aaa").villager("oAn_adviser_00000000000001").says(f"绑定 {code}").text
    assert "不对" in county.wechat("").villager("oAn_adviser_00000000000001").says(f"绑定 {code}").text
    assert "已绑定" in county.wechat("bbb").villager("oAn_adviser_00000000000001").says(f"绑定 {code}").text


def test_a_message_for_one_town_is_refused_by_another(county: County, towns: dict[str, Planted]) -> None:
    a, b = county.keys["aaa"], county.keys["bbb"]
    assert county.wechat("bbb", token=a.wechat_token).villager().says(WAGE).status == 403
    assert county.wechat("bbb", aes_key=a.wechat_aes_key, app_id=a.wechat_app_id).villager().says(WAGE).status == 400
    assert county.wechat("bbb", app_id=a.wechat_app_id).villager().says(WAGE).status == 403
    assert county.wechat("", mode="plain", token=b.wechat_token).villager().says(WAGE).status == 403
    assert county.wechat("bbb", mode="plain").villager().says(WAGE).status == 403


TRICKS = (
    "/t/aaa/../bbb/console/", "/t/aaa/%2e%2e/bbb/console/", "/t/aaa//../bbb/console/", "/t//bbb/console/", "//t/bbb/console/",
    "/t/BBB/console/", "/t/bbb%00/console/", "/t/ｂｂｂ/console/", "/t/bbb;/console/", "/t/./bbb/console/", "/t/bbb%2fconsole/",
    "/t/aaa/t/bbb/console/", "/t/aaa/wechat/bbb", "/wechat/aaa/../bbb", "/wechat/BBB", "/wechat/bbb/", "/wechat//bbb",
    "/t/aaa/wechat", "/t/aaa/metrics", "/t/bbb\r\nX: y/console/", "/t/zzz/console/", "/wechat/zzz", "/t/", "/t",
)  # fmt: skip


def test_tricks_with_the_address_lead_to_no_other_town(county: County, towns: dict[str, Planted]) -> None:
    http = towns["aaa"].people[ADMIN].http
    for path in TRICKS:
        answer = http.get(path)
        assert answer.status_code in {301, 302, 308, 404, 405}, (path, answer.status_code)
        assert not any(mark in answer.text for mark in MARKS.values()), path
        if answer.status_code in {301, 302, 308}:
            there = http.get(answer.headers["Location"]) if answer.headers["Location"].startswith("/") else answer
            assert not any(mark in there.text for mark in MARKS.values()), (path, answer.headers["Location"])


def test_no_header_says_which_town_it_is(county: County, towns: dict[str, Planted]) -> None:
    browser = towns["aaa"].people[ADMIN]
    for header in ("X-Forwarded-Prefix", "X-Script-Name", "Script-Name", "X-Original-Url", "X-Rewrite-Url", "Forwarded"):
        page = browser.get("/console/people", headers={header: "/t/bbb"})
        assert MARKS["aaa"] in page.text, header
        assert MARKS["bbb"] not in page.text, header


def test_the_public_page_of_a_town_has_its_own_visitors(county: County, towns: dict[str, Planted]) -> None:
    http = county.app.test_client()
    http.get("/")
    first = http.get("/t/aaa/")
    assert "visitor-aaa=" in first.headers["Set-Cookie"]
    assert "Path=/t/aaa/;" in first.headers["Set-Cookie"]
    own = http.post("/t/aaa/ask", json={"text": f"{MARKS['aaa']}不见了"}).json
    assert own
    assert f"找管{MARKS['aaa']}的人" in own["text"]
    answer = http.post("/t/bbb/ask", json={"text": "檀木的匣子不见了"}).json
    assert answer
    assert MARKS["aaa"] not in str(answer)
    assert http.get_cookie("visitor-aaa", path="/t/aaa/") != http.get_cookie("visitor-bbb", path="/t/bbb/")


def test_health_metrics_and_log_hold_no_town_s_word(
    county: County, towns: dict[str, Planted], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    http = county.app.test_client()
    county.wechat("aaa").villager().says(f"{MARKS['aaa']}怎么办")
    county.wechat("bbb", token=county.keys["aaa"].wechat_token).villager().says(f"{MARKS['aaa']}怎么办")
    texts = [http.get(path).text for path in ("/metrics", "/healthz", "/readyz", "/t/aaa/healthz", "/t/bbb/readyz")]
    assert 'bot_town_messages_total{outcome="answer",town="aaa"}' in texts[0]
    assert not any(mark in text for mark in MARKS.values() for text in (*texts, caplog.text))


def test_a_backup_an_export_and_a_report_of_one_town_hold_nothing_of_the_other_nor_of_the_county(
    county: County, towns: dict[str, Planted], tmp_path_factory: pytest.TempPathFactory
) -> None:
    base, out, year = county.base.settings, tmp_path_factory.mktemp("out"), str(datetime.now(UTC).year)
    (out / "instance").mkdir()
    (out / "instance" / "secrets.env").write_text(f"SECRET_KEY={base.secret_key}\nPSEUDONYM_KEY={base.pseudonym_key}\n")
    said = ""
    for args in (
        ("export", "faq.xlsx"),
        ("report", "--office", "--year", year, "--format", "xlsx", "--out", "report.xlsx"),
        ("log",),
        *([("backup", "backup.zip")] if county.base.store.is_file else []),
    ):
        done = command(out, *args, "--town", "aaa", environment=environment(county))
        assert done.returncode == 0, done.stderr
        said += done.stdout
    secrets = [base.secret_key, base.pseudonym_key, *(getattr(county.keys["bbb"], n) for n in ("wechat_token", "secret_key"))]
    found = {path.name: _text(path.read_bytes()) for path in out.glob("*.*")} | {"said": said}
    assert len(found) == 4 if county.base.store.is_file else 3
    for name, text in found.items():
        assert MARKS["bbb"] not in text, name
        assert not any(secret in text for secret in secrets), name
    assert MARKS["aaa"] in found["faq.xlsx"]
    assert MARKS["aaa"] in found["said"]


def test_what_lies_on_the_disk_of_a_town_holds_nothing_of_the_other(county: County, towns: dict[str, Planted]) -> None:
    home = county.base.settings.towns_dir
    for slug, other in (("aaa", "bbb"), ("bbb", "aaa")):
        files = [path for path in (home / slug).rglob("*") if path.is_file()]
        assert files
        found = [path for path in files if MARKS[other].encode() in path.read_bytes()]
        assert found == []
    assert not any(mark.encode() in (home / ".registry.json").read_bytes() for mark in MARKS.values())
    keys = county.keys["aaa"]
    registry = (home / ".registry.json").read_text("utf-8")
    assert not any(key in registry for key in (keys.wechat_token, keys.pseudonym_key, keys.secret_key))


def _picture(mark: str) -> bytes:
    """Return a picture that says whose it is beside its points."""
    out, about = io.BytesIO(), PngInfo()
    about.add_itxt("Title", mark)
    Image.new("1", (8, 8)).save(out, "PNG", pnginfo=about)
    return out.getvalue()


def _text(data: bytes) -> str:
    """Return what can be read in an answer; of a workbook, in what it is packed of."""
    if not data.startswith(b"PK"):
        return html.unescape(data.decode("utf-8", "replace"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return html.unescape("".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist()))


def _cookie(browser: Browser, slug: str) -> str:
    found = browser.http.get_cookie("console", path=f"/t/{slug}/console" if slug else "/console")
    assert found
    return found.value


def _signer(key: str) -> URLSafeTimedSerializer:
    usual = SecureCookieSessionInterface()
    return URLSafeTimedSerializer(
        key, salt=usual.salt, serializer=usual.serializer,
        signer_kwargs={"key_derivation": usual.key_derivation, "digest_method": usual.digest_method},
    )  # fmt: skip
