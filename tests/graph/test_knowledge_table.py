"""Rules as experts write them by hand, in the encodings and with the quirks of their spreadsheets."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from knowledge_strategies import rude_knowledges

from causalviz.errors import UnreadableGraph
from causalviz.graph import knowledge_table
from causalviz.graph.knowledge import Knowledge, Tier
from causalviz.graph.knowledge_table import is_knowledge, read_knowledge, write_knowledge

BY_HAND = """rule,behaviour,other
# what we know about the shop
Required,view,cart
forbidden , cart,view
tier 1,search,

Tier 2,view,
tier 2 CLOSED,zoom,
causes nothing,log out
caused by nothing,see advert,
goal,buy,
"""
MEANT = Knowledge(
    required=(("view", "cart"),),
    forbidden=(("cart", "view"),),
    tiers=(Tier(("search",)), Tier(("view", "zoom"), closed=True)),
    causes_nothing=("log out",),
    caused_by_nothing=("see advert",),
    goals=("buy",),
)
CHINESE = """规则,原因,结果
必须,浏览,加购
禁止,加购,浏览
层级 1,搜索,
层2 封闭,浏览,
不导致任何,退出,
无原因,,广告
目标,购买,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("parted_by", [",", ";", "\t"])
def test_a_table_by_hand_is_read(encoding: str, parted_by: str) -> None:
    data = BY_HAND.replace(",", parted_by).replace("\n", "\r\n").encode(encoding)
    assert read_knowledge(data, "rules.csv") == MEANT
    assert is_knowledge(data)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_chinese_words_mean_the_same(encoding: str) -> None:
    data = CHINESE.encode(encoding)
    assert read_knowledge(data, "规则.csv") == Knowledge(
        required=(("浏览", "加购"),),
        forbidden=(("加购", "浏览"),),
        tiers=(Tier(("搜索",)), Tier(("浏览",), closed=True)),
        causes_nothing=("退出",),
        caused_by_nothing=("广告",),
        goals=("购买",),
    )
    assert is_knowledge(data)


@given(rude_knowledges())
def test_what_is_written_comes_back(knowledge: Knowledge) -> None:
    assert read_knowledge(write_knowledge(knowledge), "rules.csv") == knowledge


def test_excel_reads_it_and_runs_nothing() -> None:
    data = write_knowledge(Knowledge(goals=("=1+1", "购买", "'quoted'")))
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["'=1+1", "购买", "'quoted'"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "rules.csv is empty"),
        ("a,b\n1,2\n", "no column “rule”"),
        ("rule,behaviour\ngoal,buy\n", "no column “other”"),
        ("rule,behaviour,other\ngoal,buy,\nsometimes,a,b\n", "row 3: there is no rule “sometimes”"),
        (
            "rule,behaviour,other\nrequired,view,\n",
            "row 2: The rule “required” needs a cause and an effect (got “view”)",
        ),
        ("rule,behaviour,other\ngoal,buy,view\n", "row 2: The rule “goal” needs one behaviour (got “buy”, “view”)"),
        ("rule,behaviour,other\ntier 0,buy,\n", "row 2: Tiers count from 1"),
        ("rule,behaviour,other\nforbidden,buy,buy\n", "row 2: “buy” cannot be its own cause"),
        ("PK\x03\x04", "ZIP or Excel"),
    ],
    ids=range(9),
)
def test_a_wrong_table_is_one_sentence_with_row_and_value(text: str, why: str) -> None:
    with pytest.raises(UnreadableGraph) as refusal:
        read_knowledge(text.encode(), "rules.csv")
    assert why in str(refusal.value)
    assert "rules.csv" in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_a_huge_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge_table, "LARGEST", 10)
    with pytest.raises(UnreadableGraph, match="small file"):
        read_knowledge(BY_HAND.encode(), "rules.csv")


@pytest.mark.parametrize("head", ["cause,effect,exists", "", "浏览,加购"])
def test_other_tables_are_told_apart(head: str) -> None:
    assert not is_knowledge(head.encode("gb18030"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_comment_or_blank_row_before_the_head_hides_nothing(encoding: str) -> None:
    assert is_knowledge("\n# 我们的规则\n规则,原因,结果\n必须,浏览,购买\n".encode(encoding))


def test_a_long_table_may_be_cut_within_a_character() -> None:
    for shift in range(4):
        text = "# " + "x" * shift + "\n规则,原因,结果\n" + "必须,浏览,购买\n" * 400
        assert is_knowledge(text.encode())
        assert is_knowledge(text.encode("gb18030"))
