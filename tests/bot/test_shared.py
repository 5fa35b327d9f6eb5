"""The county's shared entries in a town: what the town has not changed follows, what it has changed stays its own."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot.faq.edit import gitstore, history, shared
from bot.faq.edit.history import BEGINNING, BY_HAND
from bot.faq.edit.shared import AUTHOR, Standing, adopt, begin, keep_own, standing, take_back
from bot.faq.library import Library
from tests.conftest import NOW, make_knowledge, write_entry

WAGE, DIVORCE, BRIDE = "faq/劳动与工资/wage.md", "faq/婚姻/divorce.md", "faq/婚姻/bride-price.md"
SHARED_WAGE = Standing("shared", WAGE)


@pytest.fixture
def county(tmp_path: Path) -> Path:
    made = make_knowledge(tmp_path / "county")
    (made / "crisis-examples.yaml").unlink()  # learning from them takes seconds
    return made


@pytest.fixture
def town(county: Path, tmp_path: Path) -> Path:
    made = tmp_path / "towns" / "hexi" / "knowledge"
    history.note(made, now=NOW)  # as the look for what another machine may have published leaves it
    begin(county, made, now=NOW, own={"town.yaml": "name: 河西镇\n"})
    history.note(made, now=NOW)
    return made


def changes(folder: Path, name: str, old: str, new: str, by: str = "李律师") -> None:
    text = history.read(folder / name) or ""
    assert old in text
    history.save(folder, {folder / name: text.replace(old, new)}, author=by, why="改", now=NOW)


def text(folder: Path, name: str) -> str:
    return (folder / name).read_text("utf-8")


def files(folder: Path) -> dict[str, bytes]:
    return {name.decode(): Path(file.path).read_bytes() for name, file in gitstore.files(folder)}


def told(folder: Path) -> list[tuple[str, str]]:
    return [(one.author, one.why) for one in history.log(folder)]


def test_a_town_begins_as_a_copy_with_facts_of_its_own_and_nothing_of_the_drafts(county: Path, tmp_path: Path) -> None:
    history.save(county, {"drafts/婚姻/x.md": "x", "review.yaml": "{}\n"}, author="李", why="稿", now=NOW)  # type: ignore[dict-item]
    made = tmp_path / "hexi"
    begin(county, made, now=NOW, own={"town.yaml": "name: 河西镇\n"})
    old, new = files(county), files(made)
    assert new.keys() - old.keys() == {"shared.txt"}
    assert old.keys() - new.keys() == {"drafts/婚姻/x.md", "review.yaml"}
    assert [name for name in new.keys() & old.keys() if new[name] != old[name]] == ["town.yaml"]
    assert standing(county, made)["wage"] == SHARED_WAGE
    begin(county, made, now=NOW, own={"town.yaml": "name: 别的镇\n"})
    assert files(made) == new


def test_what_the_town_has_not_changed_follows(county: Path, town: Path) -> None:
    assert adopt(county, town, now=NOW) == 0
    changes(county, WAGE, "可以去劳动监察投诉。", "打 12333。")
    changes(county, "hotlines.yaml", "报警", "报警求助")
    changes(county, "town.yaml", "示例镇", "县城")
    write_entry(county, "dog", "狗咬人怎么赔？", ["被狗咬了", "邻居的狗咬人"], category="邻里")
    history.note(county, now=NOW)
    history.save(county, {}, remove=[county / BRIDE], author="李律师", why="删", now=NOW)
    moved = county / "faq" / "家庭" / "divorce.md"
    history.save(county, {moved: text(county, DIVORCE)}, remove=[county / DIVORCE], author="李律师", why="换类别", now=NOW)
    assert adopt(county, town, now=NOW) == 6
    assert {name for name in files(town) if name.startswith("faq/")} == {
        name for name in files(county) if name.startswith("faq/")
    }
    assert "打 12333。" in text(town, WAGE)
    assert "报警求助" in text(town, "hotlines.yaml")
    assert text(town, "town.yaml") == "name: 河西镇\n"
    assert told(town)[0] == (AUTHOR, "照县里的更新，6 个文件")
    before = files(town)
    assert adopt(county, town, now=NOW) == 0
    assert (files(town), len(told(town))) == (before, 2)


def test_what_the_town_has_changed_or_made_stays_and_is_told(county: Path, town: Path) -> None:
    changes(town, WAGE, "可以去劳动监察投诉。", "来镇司法所。", by="王所长")
    write_entry(town, "bridge", "桥什么时候修？", ["桥断了", "修桥"], category="本镇")
    write_entry(town, "dog", "狗咬人找谁？", ["狗咬", "咬人的狗"], category="本镇")
    assert standing(county, town) == {
        "wage": Standing("own", WAGE), "bridge": Standing("own", None), "dog": Standing("own", None),
        "divorce": Standing("shared", DIVORCE), "bride-price": Standing("shared", BRIDE),
    }  # fmt: skip
    changes(county, WAGE, "可以去劳动监察投诉。", "打 12333。")
    write_entry(county, "dog", "狗咬人怎么赔？", ["被狗咬了", "邻居的狗咬人"], category="邻里")
    history.note(county, now=NOW)
    adopt(county, town, now=NOW)
    assert "来镇司法所。" in text(town, WAGE)
    assert not (town / "faq/邻里/dog.md").exists()
    found = standing(county, town)
    assert (found["wage"], found["dog"]) == (Standing("newer", WAGE), Standing("newer", "faq/邻里/dog.md"))
    history.save(county, {}, remove=[county / WAGE], author="李律师", why="撤", now=NOW)
    adopt(county, town, now=NOW)
    assert standing(county, town)["wage"] == Standing("newer", None)
    assert "来镇司法所。" in text(town, WAGE)


def test_the_town_takes_the_shared_one_back_and_then_follows_again(county: Path, town: Path) -> None:
    changes(town, WAGE, "可以去劳动监察投诉。", "来镇司法所。", by="王所长")
    changes(county, WAGE, "可以去劳动监察投诉。", "打 12333。")
    adopt(county, town, now=NOW)
    seen = {town / WAGE: history.digest(text(town, WAGE))}
    changes(town, WAGE, "来镇司法所。", "来所里。")
    with pytest.raises(history.Changed):
        take_back(county, town, "wage", author="王所长", now=NOW, expected=seen)
    take_back(county, town, "wage", author="王所长", now=NOW, expected={town / WAGE: history.digest(text(town, WAGE))})
    assert standing(county, town)["wage"] == SHARED_WAGE
    assert text(town, WAGE) == text(county, WAGE)
    assert told(town)[0] == ("王所长", "换回县里共用的：wage")
    changes(county, WAGE, "打 12333。", "打 12333 或者去仲裁。")
    assert adopt(county, town, now=NOW) == 1
    assert text(town, WAGE) == text(county, WAGE)
    with pytest.raises(LookupError):
        take_back(county, town, "nothing", author="王", now=NOW, expected={})


def test_the_shared_one_takes_the_place_of_the_towns_own_in_another_category(county: Path, town: Path) -> None:
    changes(town, WAGE, "可以去劳动监察投诉。", "来镇司法所。")
    history.save(town, {"faq/本镇/wage.md": text(town, WAGE)}, remove=[town / WAGE], author="王", why="换", now=NOW)  # type: ignore[dict-item]
    assert standing(county, town)["wage"] == Standing("own", WAGE)
    take_back(county, town, "wage", author="王", now=NOW, expected={})
    assert sorted(path.relative_to(town).as_posix() for path in town.glob("faq/*/wage.md")) == [WAGE]


def test_the_town_keeps_its_own_and_is_told_no_more_until_the_next_change(county: Path, town: Path) -> None:
    changes(town, WAGE, "可以去劳动监察投诉。", "来镇司法所。")
    changes(county, WAGE, "可以去劳动监察投诉。", "打 12333。")
    keep_own(county, town, "wage", author="王所长", now=NOW)
    assert standing(county, town)["wage"] == Standing("own", WAGE)
    adopt(county, town, now=NOW)
    assert "来镇司法所。" in text(town, WAGE)
    changes(county, WAGE, "打 12333。", "去仲裁。")
    assert standing(county, town)["wage"] == Standing("newer", WAGE)
    with pytest.raises(LookupError):
        keep_own(county, town, "divorce", author="王所长", now=NOW)


def test_what_is_changed_by_hand_in_the_shared_folder_arrives_within_a_minute_and_what_is_broken_never(
    county: Path, town: Path
) -> None:
    adopt(county, town, now=NOW)
    (county / WAGE).write_bytes(
        text(county, WAGE).replace("可以去劳动监察投诉。", "打 12333。").replace("\n", "\r\n").encode("gb18030")
    )
    (county / DIVORCE).write_text("---\nid: [\n", encoding="utf-8")
    (county / "hotlines.yaml").write_text("- 坏的\n", encoding="utf-8")
    before = files(town)
    adopt(county, town, now=NOW + timedelta(seconds=30))
    assert files(town) == before
    assert adopt(county, town, now=NOW + timedelta(seconds=61)) == 1
    after = files(town)
    assert {name for name in after if after[name] != before[name]} == {WAGE, "shared.txt"}
    assert "打 12333。\n" in after[WAGE].decode()
    assert standing(county, town)["wage"] == SHARED_WAGE


def test_a_machine_that_is_behind_takes_nothing_back_to_an_older_shared_version(county: Path, town: Path) -> None:
    listed = text(town, "shared.txt").replace("number 0", "number 7")
    history.save(town, {town / "shared.txt": listed}, author=AUTHOR, why="别的机器", now=NOW)
    changes(county, WAGE, "可以去劳动监察投诉。", "打 12333。")
    assert adopt(county, town, now=NOW) == 0
    assert "可以去劳动监察投诉。" in text(town, WAGE)


def test_a_folder_that_was_copied_without_a_list_follows_where_it_is_the_same(county: Path, tmp_path: Path) -> None:
    copy = tmp_path / "hexi"
    shutil.copytree(county, copy)
    changes(copy, WAGE, "可以去劳动监察投诉。", "来镇司法所。")
    adopt(county, copy, now=NOW)
    changes(county, WAGE, "可以去劳动监察投诉。", "打 12333。")
    changes(county, DIVORCE, "可以向法院起诉。", "先去调解。")
    adopt(county, copy, now=NOW)
    assert ("来镇司法所。" in text(copy, WAGE), "先去调解。" in text(copy, DIVORCE)) == (True, True)


def test_the_town_answers_with_its_own_entry_in_place_of_the_shared_one(county: Path, town: Path, memory: Path) -> None:
    changes(town, WAGE, "可以去劳动监察投诉。", "来镇司法所。")
    changes(county, DIVORCE, "可以向法院起诉。", "先去调解。")
    adopt(county, town, now=NOW)
    answers = {id_: entry.answer for id_, entry in Library(town, memory=memory).refresh().entries.items()}
    assert answers == {"wage": "来镇司法所。", "divorce": "先去调解。", "bride-price": "一般可以要求返还。"}
    assert told(town)[-1] == (BY_HAND, BEGINNING)
    assert shared.text_of_shared(county, WAGE) == text(county, WAGE)
