import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import clip, mask, strip_illegal

ANY = st.text(st.characters(blacklist_categories=()), max_size=400)


@given(ANY)
def test_stripped_text_can_be_sent_as_xml(text: str) -> None:
    sent = strip_illegal(text).replace("]]>", "")
    assert ET.fromstring(f"<a><![CDATA[{sent}]]></a>").text in {sent.replace("\r\n", "\n").replace("\r", "\n"), None}


@given(ANY, st.integers(0, 300))
def test_a_clipped_text_fits_and_starts_as_the_text_does(text: str, limit: int) -> None:
    clipped = clip(strip_illegal(text), limit)
    assert len(clipped.encode()) <= limit
    if clipped != strip_illegal(text):
        assert strip_illegal(text).startswith(clipped.removesuffix("…"))


@given(st.integers(0, 200))
def test_clipping_never_cuts_a_link_in_two(limit: int) -> None:
    text = '前面的话<a href="https://example.cn/a?b=1">点这里</a>后面的话' * 3
    clipped = clip(text, limit)
    assert clipped.count("<a ") == clipped.count("</a>")
    assert len(clipped.encode()) <= limit


PERSONAL = [
    ("13800138000", "手机号"),
    ("138 0013 8000", "手机号"),
    ("138-0013-8000", "手机号"),
    ("+8613800138000", "手机号"),
    ("１３８００１３８０００", "手机号"),
    ("441622199001011234", "证件号"),
    ("44162219900101123X", "证件号"),
    ("44162219900101123x", "证件号"),
    ("441622900101123", "证件号"),
    ("4416 2219 9001 0112 34", "证件号"),
    ("6222021234567890123", "银行卡号"),
    ("6222 0212 3456 7890", "银行卡号"),
    ("0762-3331234", "电话号"),
    ("wang.lao-san@example.com", "邮箱"),
    ("一三八零零一三八零零零", "号码"),
    ("9876543210", "号码"),
]


@pytest.mark.parametrize(("number", "kind"), PERSONAL)
@pytest.mark.parametrize("around", ["我电话{}打给我", "{}", "老王，{}，欠钱", "卡号{}\n在这里"])
def test_personal_numbers_are_masked_by_kind(number: str, kind: str, around: str) -> None:
    assert mask(around.format(number)) == around.format(f"[{kind}]")


@pytest.mark.parametrize(
    "text",
    ["欠我50000元", "2023年11月23日", "民法典1079条", "工伤9级赔多少", "拨12348或96110", "3亩2分地", "2026-11-23至2027-01-01"],
)
def test_what_a_question_needs_is_left_alone(text: str) -> None:
    assert mask(text) == text


@given(
    st.lists(
        st.sampled_from(["13912345678", "441622199001011234", "6222021234567890123", "老王", "，", " ", "欠钱"]), max_size=8
    )
)
def test_no_long_run_of_digits_survives_masking(parts: list[str]) -> None:
    assert not re.search(r"\d{9}", mask("".join(parts)))


@given(ANY)
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)
