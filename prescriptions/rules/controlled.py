"""Ingredients under special control (特殊管理药品), whatever a formulary calls its item. Pure.

Not the whole of the national lists: what is prescribed to people and is certain. Salts and esters are named after their
ingredient, so that a name which holds one is enough. Left out on purpose, because the lists themselves except them:
toxic Western medicines as preparations (atropine, scopolamine, pilocarpine), etomidate, caffeine and codeine in most
compound tablets.

Sources: 麻醉药品品种目录 and 精神药品品种目录 (2013), with the changes of 2015, 2019, 2023 and 2024;
医疗用毒性药品管理办法 1988; 放射性药品管理办法 1989.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from prescriptions.rules.lines import Control


@dataclass(frozen=True)
class Ingredient:
    """One ingredient: how it is called in Chinese and as INN, its ATC codes, and names that hold its name by chance."""

    control: Control
    chinese: str
    inn: str
    atc: tuple[str, ...] = ()
    apart_from: tuple[str, ...] = ()


_WITH_OTHERS = ("复方", "愈创", "伪麻", "氨酚", "甲麻", "guaifenesin", "pseudoephedrine", "paracetamol")
"""Dextromethorphan is controlled alone only (2024): what names of its mixtures hold beside it."""
_N, _P1, _P2, _T = Control.NARCOTIC, Control.PSYCHOTROPIC_1, Control.PSYCHOTROPIC_2, Control.MEDICAL_TOXIC
INGREDIENTS = (
    Ingredient(_N, "吗啡", "morphine", ("N02AA01", "N02AA51", "N02AG01", "A07DA52"), ("阿扑吗啡",)),
    Ingredient(_N, "乙基吗啡", "ethylmorphine", ("R05DA01", "S01XA06")),
    Ingredient(_N, "氢吗啡酮", "hydromorphone", ("N02AA03", "N02AA53", "N02AG04")),
    Ingredient(_N, "可待因", "codeine", ("R05DA04",), ("可待因桔梗",)),
    Ingredient(_N, "双氢可待因", "dihydrocodeine", ("N02AA08",)),
    Ingredient(_N, "羟考酮", "oxycodone", ("N02AA05", "N02AA55", "N02AA56")),
    Ingredient(_N, "氢可酮", "hydrocodone", ("R05DA03",)),
    Ingredient(_N, "芬太尼", "fentanyl", ("N02AB03", "N01AH01", "N01AH51")),
    Ingredient(_N, "舒芬太尼", "sufentanil", ("N01AH03",)),
    Ingredient(_N, "瑞芬太尼", "remifentanil", ("N01AH06",)),
    Ingredient(_N, "阿芬太尼", "alfentanil", ("N01AH02",)),
    Ingredient(_N, "哌替啶", "pethidine", ("N02AB02", "N02AB52", "N02AB72", "N02AG03")),
    Ingredient(_N, "美沙酮", "methadone", ("N07BC02", "N02AC06", "N02AC52")),
    Ingredient(_N, "布桂嗪", "bucinnazine"),
    Ingredient(_N, "地芬诺酯", "diphenoxylate", ("A07DA01",)),
    Ingredient(_N, "埃托啡", "etorphine"),
    Ingredient(_N, "二氢埃托啡", "dihydroetorphine"),
    Ingredient(_N, "右丙氧芬", "dextropropoxyphene", ("N02AC04", "N02AC54", "N02AC74")),
    Ingredient(_N, "福尔可定", "pholcodine", ("R05DA08",)),
    Ingredient(_N, "可卡因", "cocaine", ("N01BC01", "R02AD03", "S01HA01", "S02DA02")),
    Ingredient(_N, "阿片", "opium", ("N02AA02",)),
    Ingredient(_N, "罂粟壳", "papaveris pericarpium"),
    Ingredient(_P1, "氯胺酮", "ketamine", ("N01AX03",)),
    Ingredient(_P1, "艾司氯胺酮", "esketamine", ("N01AX14", "N06AX27")),
    Ingredient(_P1, "哌甲酯", "methylphenidate", ("N06BA04", "N06BA11")),
    Ingredient(_P1, "丁丙诺啡", "buprenorphine", ("N02AE01", "N07BC01", "N07BC51")),
    # up to 5 mg of oxycodone in a tablet it is class II only; the strength is not read here
    Ingredient(_P1, "氨酚羟考酮", "oxycodone and paracetamol", ("N02AJ17", "N02AJ18", "N02AJ19")),
    Ingredient(_P1, "三唑仑", "triazolam", ("N05CD05",)),
    Ingredient(_P1, "司可巴比妥", "secobarbital", ("N05CA06",)),
    Ingredient(_P1, "苯丙胺", "amfetamine", ("N06BA01", "N06BA02", "N06BA03")),
    Ingredient(_P1, "羟丁酸钠", "sodium oxybate", ("N01AX11", "N07XX04")),
    Ingredient(_P1, "马吲哚", "mazindol", ("A08AA05",)),
    Ingredient(_P1, "甲喹酮", "methaqualone", ("N05CM01",)),
    Ingredient(_P2, "巴比妥", "barbital", ("N05CA04",)),
    Ingredient(_P2, "苯巴比妥", "phenobarbital", ("N03AA02",)),
    Ingredient(_P2, "异戊巴比妥", "amobarbital", ("N05CA02",)),
    Ingredient(_P2, "戊巴比妥", "pentobarbital", ("N05CA01",)),
    Ingredient(_P2, "地西泮", "diazepam", ("N05BA01",)),
    Ingredient(_P2, "氯硝西泮", "clonazepam", ("N03AE01",)),
    Ingredient(_P2, "劳拉西泮", "lorazepam", ("N05BA06",)),
    Ingredient(_P2, "硝西泮", "nitrazepam", ("N05CD02",)),
    Ingredient(_P2, "奥沙西泮", "oxazepam", ("N05BA04",)),
    Ingredient(_P2, "替马西泮", "temazepam", ("N05CD07",)),
    Ingredient(_P2, "氟西泮", "flurazepam", ("N05CD01",)),
    Ingredient(_P2, "溴西泮", "bromazepam", ("N05BA08",)),
    Ingredient(_P2, "氯氮䓬", "chlordiazepoxide", ("N05BA02",)),
    Ingredient(_P2, "氯氮卓", "chlordiazepoxide", ("N05BA02",)),
    Ingredient(_P2, "氯巴占", "clobazam", ("N05BA09",)),
    Ingredient(_P2, "阿普唑仑", "alprazolam", ("N05BA12",)),
    Ingredient(_P2, "艾司唑仑", "estazolam", ("N05CD04",)),
    Ingredient(_P2, "咪达唑仑", "midazolam", ("N05CD08",)),
    Ingredient(_P2, "瑞马唑仑", "remimazolam", ("N05CD14",)),
    Ingredient(_P2, "唑吡坦", "zolpidem", ("N05CF02",)),
    Ingredient(_P2, "佐匹克隆", "zopiclone", ("N05CF01",)),
    Ingredient(_P2, "右佐匹克隆", "eszopiclone", ("N05CF04",)),
    Ingredient(_P2, "扎来普隆", "zaleplon", ("N05CF03",)),
    Ingredient(_P2, "甲丙氨酯", "meprobamate", ("N05BC01", "N05BC51", "N05CX01")),
    Ingredient(_P2, "曲马多", "tramadol", ("N02AX02", "N02AX52", "N02AJ13", "N02AJ14", "N02AJ15", "N02AJ16")),
    Ingredient(_P2, "地佐辛", "dezocine", ("N02AX03",)),
    Ingredient(_P2, "布托啡诺", "butorphanol", ("N02AF01",)),
    Ingredient(_P2, "纳布啡", "nalbuphine", ("N02AF02",)),
    Ingredient(_P2, "喷他佐辛", "pentazocine", ("N02AD01",)),
    Ingredient(_P2, "匹莫林", "pemoline", ("N06BA05",)),
    Ingredient(_P2, "莫达非尼", "modafinil", ("N06BA07",)),
    Ingredient(_P2, "吡仑帕奈", "perampanel", ("N03AX22",)),
    Ingredient(_P2, "苏沃雷生", "suvorexant", ("N05CJ01",)),
    Ingredient(_P2, "右美沙芬", "dextromethorphan", ("R05DA09",), _WITH_OTHERS),
    Ingredient(_P2, "安钠咖", "caffeine and sodium benzoate"),
    Ingredient(_P2, "麦角胺咖啡因", "ergotamine and caffeine"),
    Ingredient(_T, "肉毒毒素", "botulinum toxin", ("M03AX01",)),
    Ingredient(_T, "亚砷酸", "arsenic trioxide", ("L01XX27",)),
    Ingredient(_T, "三氧化二砷", "arsenic trioxide", ("L01XX27",)),
)
_RADIOACTIVE = ("V09", "V10")
"""ATC: diagnostic and therapeutic radiopharmaceuticals."""
_NUCLIDE = re.compile(r"\[\d{1,3}m?[A-Z][a-z]?\]")
"""As names write it: 碘[131I]化钠."""
_WHOLE = 7
"""Characters of an ATC code that names an ingredient; shorter ones name a group."""
_LAXEST_FIRST = (Control.ORDINARY, Control.PRECURSOR, _P2, _T, _P1, _N, Control.RADIOACTIVE)
_BY_CODE: Mapping[str, Control] = {code: one.control for one in INGREDIENTS for code in one.atc}


def control_of(name: str, ingredient_group: str, label: Control) -> Control:
    """The special control of a formulary's item, called `name`, with the ATC code `ingredient_group`.

    `label` is what the formulary says: it may be stricter than this table, never laxer.
    """
    return _strictest(label, _by_code(ingredient_group), _by_name(name))


def _strictest(*controls: Control) -> Control:
    return max(controls, key=_LAXEST_FIRST.index)


def _by_code(code: str) -> Control:
    """A code of a group alone, as older rows have it, may mean anything in it: the strictest of that."""
    if code.startswith(_RADIOACTIVE):
        return Control.RADIOACTIVE
    if len(code) == _WHOLE:
        return _BY_CODE.get(code, Control.ORDINARY)
    return _strictest(Control.ORDINARY, *(control for known, control in _BY_CODE.items() if known.startswith(code)))


def _by_name(name: str) -> Control:
    if _NUCLIDE.search(name):
        return Control.RADIOACTIVE
    held = [one for one in INGREDIENTS if _is_named(one, name)]
    return max(held, key=lambda one: len(one.chinese)).control if held else Control.ORDINARY


def _is_named(one: Ingredient, name: str) -> bool:
    if any(words in name.lower() for words in one.apart_from):
        return False
    return one.chinese in name or re.search(rf"\b{re.escape(one.inn)}\b", name, re.IGNORECASE) is not None
