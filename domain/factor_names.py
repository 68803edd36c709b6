"""What people call the factors that stations measure, by their codes (HJ 212-2017, annex B).

One table for the words of tickets, which are kept, and for those of the screen.
"""

from collections.abc import Mapping

from domain.stations import CONVERTED

NAMES: Mapping[str, str] = {
    "a00000": "废气流量",
    "a01001": "温度",
    "a01002": "湿度",
    "a01006": "气压",
    "a01007": "风速",
    "a01008": "风向",
    "a01010": "林格曼黑度",
    "a01011": "烟气流速",
    "a01012": "烟气温度",
    "a01013": "烟气压力",
    "a01014": "烟气湿度",
    "a05024": "臭氧",
    "a19001": "氧含量",
    "a21002": "氮氧化物",
    "a21003": "一氧化氮",
    "a21004": "二氧化氮",
    "a21005": "一氧化碳",
    "a21026": "二氧化硫",
    "a21028": "硫化氢",
    "a24088": "非甲烷总烃",
    "a34001": "TSP",
    "a34002": "PM10",
    "a34004": "PM2.5",
    "a34013": "烟尘",
    "w00000": "废水流量",
    "w01001": "pH",
    "w01010": "水温",
    "w01018": "COD",
    "w20111": "总汞",
    "w20117": "六价铬",
    "w21001": "总氮",
    "w21003": "氨氮",
    "w21011": "总磷",
    "w22001": "石油类",
    "LA": "噪声 LA",
    "Leq": "噪声 Leq",
    "Ld": "昼间噪声 Ld",
    "Ln": "夜间噪声 Ln",
    "Ldn": "昼夜噪声 Ldn",
    "LMx": "最大声级",
    "LMn": "最小声级",
}


def factor_name(code: str) -> str:
    """Return what people call a factor, its code where it has no name here.

    One that is converted to the reference oxygen content says so: 氮氧化物（折算）.
    """
    if code.endswith(CONVERTED) and (plain := NAMES.get(code.removesuffix(CONVERTED))):
        return f"{plain}（折算）"
    return NAMES.get(code, code)
