import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faq.citation import Citation, parse, to_chinese, to_int

WRITTEN = [
    ("《民法典》第一千零七十九条", Citation("民法典", 1079)),
    ("《民法典》第1079条", Citation("民法典", 1079)),
    ("民法典1079条", Citation("民法典", 1079)),
    ("民法典 1079", Citation("民法典", 1079)),
    ("民法典第1079条", Citation("民法典", 1079)),
    ("民法典第１０７９条", Citation("民法典", 1079)),
    ("民法典一千零七十九条", Citation("民法典", 1079)),
    ("《民法典》第一千零七十九条第二款", Citation("民法典", 1079, clause=2)),
    ("《民法典》第一千零七十九条第三款第（三）项", Citation("民法典", 1079, clause=3, point=3)),
    ("《民法典》第1079条第3款第(3)项", Citation("民法典", 1079, clause=3, point=3)),
    ("《劳动合同法》第三十八条第（二）项", Citation("劳动合同法", 38, point=2)),
    ("《刑法》第二百七十六条之一", Citation("刑法", 276, 1)),
    ("刑法第276条之一第一款", Citation("刑法", 276, 1, clause=1)),
    ("《民法典婚姻家庭编解释（一）》第五条", Citation("民法典婚姻家庭编解释（一）", 5)),
    ("民法典婚姻家庭编解释（二）第五条", Citation("民法典婚姻家庭编解释（二）", 5)),
    ("《广东省实施〈女职工劳动保护特别规定〉办法》第十一条", Citation("广东省实施〈女职工劳动保护特别规定〉办法", 11)),
    ("中华人民共和国民法典 第一千零七十九条", Citation("中华人民共和国民法典", 1079)),
]


@pytest.mark.parametrize(("text", "citation"), WRITTEN)
def test_a_citation_is_understood_however_it_is_written(text: str, citation: Citation) -> None:
    assert parse(text) == citation


@pytest.mark.parametrize(
    "text", ["", "民法典", "《民法典》", "第一条", "1079", "你好", "《民法典》第条", "《民法典》第零条", "民法典第一条和第二条"]
)
def test_what_is_no_citation_is_none(text: str) -> None:
    assert parse(text) is None


@given(st.integers(1, 9999))
def test_chinese_numerals_there_and_back(number: int) -> None:
    assert to_int(to_chinese(number)) == number
    assert to_int(str(number)) == number


@given(
    st.builds(
        Citation,
        st.sampled_from(["民法典", "劳动争议解释（一）", "土地管理法"]),
        st.integers(1, 1300),
        st.integers(0, 9),
        st.one_of(st.none(), st.integers(1, 20)),
        st.one_of(st.none(), st.integers(1, 20)),
    )
)
def test_the_formal_citation_is_read_back(citation: Citation) -> None:
    assert parse(str(citation)) == citation


@given(st.text(max_size=40))
def test_no_text_raises(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("number", "chinese"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (101, "一百零一"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (1010, "一千零一十"),
        (1260, "一千二百六十"),
    ],
)
def test_numerals_are_those_of_the_statutes(number: int, chinese: str) -> None:
    assert to_chinese(number) == chinese
