"""The mapping file: every mistake is named by file and key."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from desktop.imports.errors import FileError
from desktop.imports.mapping import Mapping, read_mapping

LEAST = '[source]\nkey = "s"\n[columns]\nreceived = "时间"\n'


def read(folder: Path, text: str) -> Mapping:
    path = folder / "map.toml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


def test_little_is_enough(tmp_path: Path) -> None:
    mapping = read(tmp_path, LEAST)
    assert mapping.source.zone == ZoneInfo("Asia/Shanghai")
    assert mapping.columns.id == "content"
    assert mapping.tables.body.other == "keep"
    assert mapping.tables.urgency.other == "reject"
    assert mapping.wanted() == ("时间",)


def test_a_table_of_codes_keeps_its_usual_way_with_others(tmp_path: Path) -> None:
    mapping = read(tmp_path, LEAST + '[tables.area.codes]\n"鼓楼区" = "350102"\n')
    assert mapping.tables.area.other == "drop"
    assert mapping.tables.area.codes == {"鼓楼区": "350102"}


def test_all_columns_in_use_are_wanted_once(tmp_path: Path) -> None:
    text = LEAST + 'id = "号"\ntext = ["甲", "乙"]\ntitle = "甲"\n'
    text += '[[due]]\nnode = "rectify"\ncolumn = "限"\n'
    text += '[[done]]\nnode = "revisit"\ncolumn = "访"\ntext = "说"\nverdict = "评"\n'
    assert set(read(tmp_path, text).wanted()) == {"时间", "号", "甲", "乙", "限", "访", "说", "评"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[source]\nkey = 's'\n[columns]\nid = 'a'\n", "缺少 columns.received"),
        (LEAST + 'colour = "x"\n', "不认识 columns.colour"),
        ("[source\n", "不是有效的 TOML"),
        (LEAST.replace('"s"', '"s"\nzone = "Mars/Base"'), "没有名为 'Mars/Base' 的时区"),
        (LEAST.replace('"s"', '"s"\nencoding = "klingon"'), "不认识编码 'klingon'"),
        (LEAST + '[[done]]\nnode = "paint"\ncolumn = "x"\n', "done.0.node 应为"),
        (
            LEAST + '[[done]]\nnode = "rectify"\ncolumn = "x"\nas = "weeks"\n',
            "应为 'time', 'days after received'",
        ),
        (LEAST + '[[done]]\nnode = "revisit"\ncolumn = "x"\n', "revisit 与 post_check 须有 verdict"),
        (LEAST + '[[due]]\nnode = "rectify"\ncolumn = "x"\n' * 2, "同一环节只能出现一次"),
        (LEAST + '[tables.urgency.codes]\n"急" = "soonish"\n', "soonish"),
        (LEAST + '[tables.verdict.codes]\n"好" = "good"\n', "只能对应到"),
        (LEAST + 'lng = "x"\n', "lng 与 lat 须同时给出"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(FileError) as caught:
        read(tmp_path, text)
    assert said in caught.value.message
    assert "map.toml" in caught.value.message


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="读不到映射文件"):
        read_mapping(tmp_path / "none.toml")


def test_the_kept_mappings_are_valid() -> None:
    folder = Path(__file__).parents[2] / "acceptance"
    assert len([read_mapping(path) for path in folder.glob("*.toml")]) >= 4


def test_the_example_of_the_documentation_is_valid(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "import.md").read_text("utf-8")
    examples = [part.split("```")[0] for part in page.split("```toml\n")[1:]]
    (example,) = [text for text in examples if "[columns]" in text]
    mapping = read(tmp_path, example)
    assert mapping.tables.verdict.codes == {"基本满意": "yes"}
    for section in (mapping.source, mapping.columns, mapping.defaults, mapping.tables):
        for key in type(section).model_fields:
            assert f"`{key}`" in page or f"\n{key} = " in page, f"docs/import.md does not name {key}"
