"""L-07: the same firm under another name, and another firm under nearly the same."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.leads.domain.names import (
    LEAST,
    REVIEW,
    Company,
    Decision,
    Likeness,
    bigrams,
    compare,
    core,
    dice,
    squeezed,
    telling,
)
from services.leads.domain.places import GAZETTEER

EAST = "上海华东重工设备有限公司"
CODE, OTHER_CODE = "91310000607207879K", "91330000717672529F"
CORES = st.text("华东重工设备机械泵阀电子钢铁", min_size=2, max_size=8)


def test_raw_names_do_not_tell_two_firms_apart() -> None:
    assert dice(EAST, "华东重工设备(上海)有限公司") == Fraction(3, 4)
    assert dice(EAST, "上海华东重工机械有限公司") == Fraction(8, 11)


@pytest.mark.parametrize(
    ("one", "other", "score", "decision"),
    [
        (EAST, "华东重工设备（上海）有限公司", "1.0000", "hold"),
        (EAST, "上海华东重工机械有限公司", "0.6000", "review"),
        ("永康泵阀", "永嘉泵阀", "0.3333", "pass"),
        (EAST, "北京华东重工设备有限公司", "1.0000", "review"),
        (EAST, "华东重工设备股份有限公司", "1.0000", "hold"),
        ("浙江杭州西湖电子有限公司", "西湖电子(杭州)公司", "1.0000", "hold"),
        ("浙江省西湖电子", "杭州市西湖电子", "1.0000", "hold"),
        ("浙江杭州西湖电子", "浙江宁波西湖电子", "1.0000", "review"),
        ("吉林华东重工", "长春华东重工", "1.0000", "hold"),
        ("延边朝鲜族自治州华东重工", "华东重工（延边州）", "1.0000", "hold"),
        ("Acme Pumps Co., Ltd.", "ＡＣＭＥ　Pumps Inc", "1.0000", "hold"),
    ],
)
def test_names_are_compared_without_legal_form_and_place(
    one: str, other: str, score: str, decision: Decision
) -> None:
    found = compare(Company(one), Company(other))
    assert (str(found.shown), found.decision) == (score, decision)


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("上海有限公司", "上海"),
        ("北京有限公司", "北京"),
        ("（上海）", "上海"),
        ("杭州市政工程有限公司", "市政工程"),
        ("永康市泵阀厂", "永康市泵阀厂"),
        ("华东重工(设备)有限公司", "华东重工设备"),
        ("华东重工设备有限公司上海分公司", "华东重工设备"),
        ("广西壮族自治区柳州市钢铁有限责任公司", "钢铁"),
        ("中冶(北京)(特殊普通合伙)", "中冶"),
    ],
)
def test_what_is_left_of_a_name(name: str, left: str) -> None:
    assert core(name)[0] == left


def test_the_same_code_is_the_same_firm_whatever_its_name() -> None:
    found = compare(Company("甲方", CODE), Company("乙方", CODE))
    assert found == Likeness(Fraction(1), "same")


def test_other_codes_leave_it_to_a_person() -> None:
    assert compare(Company(EAST, CODE), Company(EAST, OTHER_CODE)).decision == "review"
    assert compare(Company(EAST, CODE), Company(EAST)).decision == "hold"


@given(
    CORES, st.sampled_from(sorted(GAZETTEER)), st.sampled_from(["有限公司", "股份有限公司", ""])
)
def test_place_and_legal_form_change_nothing(text: str, place: str, form: str) -> None:
    written = [f"{place}{text}{form}", f"{text}（{place}）{form}", f"{text}{form}{place}"]
    assert {core(name)[0] for name in written} == {text}


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_mutual_and_complete_with_oneself(one: str, other: str) -> None:
    a, b = Company(one), Company(other)
    assert compare(a, b) == compare(b, a)
    assert 0 <= compare(a, b).score <= 1
    assert compare(a, a).score == 1


@given(st.text("上海北京有限公司重工()abc co.", max_size=12))
def test_a_name_keeps_two_characters_if_it_has_them(name: str) -> None:
    assert len(core(name)[0]) >= min(LEAST, len(squeezed(name)))


@given(st.text("abcd", min_size=1, max_size=9), st.text("abcd", min_size=1, max_size=9))
def test_whoever_is_alike_shares_a_telling_bigram(one: str, other: str) -> None:
    if dice(one, other) >= REVIEW:
        assert telling(one) & set(bigrams(other))
