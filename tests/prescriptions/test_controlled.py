"""What is under special control, whatever a formulary says."""

import re

import pytest

from app.residents.api import ATC
from prescriptions.rules.controlled import INGREDIENTS, control_of
from prescriptions.rules.lines import Control

UNSAID = "C08CA01"


CONTROLS = {
    ("硫酸吗啡缓释片", UNSAID): "narcotic",
    ("盐酸阿扑吗啡注射液", "N04BC07"): "ordinary",
    ("磷酸可待因片", UNSAID): "narcotic",
    ("可待因桔梗片", "R05FA02"): "ordinary",
    ("Morphine sulfate", UNSAID): "narcotic",
    ("Apomorphine", "N04BC07"): "ordinary",
    ("Tiotropium bromide", "R03BB04"): "ordinary",
    ("枸橼酸芬太尼贴剂", "N02AB03"): "narcotic",
    ("止痛片", "N02AA01"): "narcotic",
    ("止痛片", "N02AA55"): "narcotic",
    ("止痛片", "N02AA"): "narcotic",
    ("止痛片", "N05"): "psychotropic_1",
    ("止痛片", "C08"): "ordinary",
    ("止痛片", "N02AJ13"): "psychotropic_2",
    ("氨酚羟考酮片", "N02AJ17"): "psychotropic_1",
    ("右美沙芬愈创甘油醚糖浆", "R05FA02"): "ordinary",
    ("Dextromethorphan and guaifenesin", "R05FA02"): "ordinary",
    ("Dextromethorphan", UNSAID): "psychotropic_2",
    ("硫酸吗啡缓释片", "N05BA01"): "narcotic",
    ("司可巴比妥钠胶囊", UNSAID): "psychotropic_1",
    ("苯巴比妥片", UNSAID): "psychotropic_2",
    ("盐酸艾司氯胺酮注射液", UNSAID): "psychotropic_1",
    ("三唑仑片", UNSAID): "psychotropic_1",
    ("艾司唑仑片", UNSAID): "psychotropic_2",
    ("酒石酸唑吡坦片", UNSAID): "psychotropic_2",
    ("氢溴酸右美沙芬片", UNSAID): "psychotropic_2",
    ("复方氢溴酸右美沙芬糖浆", "R05FA02"): "ordinary",
    ("注射用A型肉毒毒素", UNSAID): "medical_toxic",
    ("硫酸阿托品滴眼液", "S01FA01"): "ordinary",
    ("碘[131I]化钠口服溶液", UNSAID): "radioactive",
    ("锝制剂", "V09FX01"): "radioactive",
    ("盐酸利多卡因注射液", "N01BB02"): "ordinary",
    ("苯磺酸左氨氯地平片", UNSAID): "ordinary",
}


def test_what_is_controlled() -> None:
    assert {(name, atc): control_of(name, atc, Control.ORDINARY) for name, atc in CONTROLS} == CONTROLS


@pytest.mark.parametrize("label", [one for one in Control if one is not Control.ORDINARY])
def test_a_label_may_be_stricter(label: Control) -> None:
    assert control_of("苯磺酸左氨氯地平片", UNSAID, label) is label


@pytest.mark.parametrize(
    ("label", "expected"),
    [("psychotropic_2", "narcotic"), ("ordinary", "narcotic"), ("radioactive", "radioactive")],
)
def test_a_label_is_never_laxer(label: str, expected: str) -> None:
    assert control_of("硫酸吗啡缓释片", "N02AA01", Control(label)) == expected


def test_the_table_is_sound() -> None:
    """Every code is one, stands for one control, and every entry is found by its own names and codes."""
    for one in INGREDIENTS:
        assert all(re.match(ATC, code) for code in one.atc)
        for name, code in ((one.chinese, UNSAID), (one.inn, UNSAID), *(("x", code) for code in one.atc)):
            assert control_of(name, code, Control.ORDINARY) is one.control, (name, code)
