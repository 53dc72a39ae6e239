"""The hospital's made-up formulary, and what pharmacies ask for it: prices in fen, limits in thousandths of a unit."""

from typing import Any

AMLODIPINE, LOSARTAN, METOPROLOL, THIAZIDE = "DEMO-C08CA01", "DEMO-C09CA01", "DEMO-C07AB02", "DEMO-C03AA03"
AMOXICILLIN, MORPHINE = "DEMO-J01CA04", "DEMO-N02AA01"
ALLERGY = "J01CA"
"""The ingredient group that a resident does not tolerate here: penicillins with extended spectrum."""


def _medicine(code: str, name: str, group: str, category: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code, "name": name, "ingredient_group": group, "form": "片剂", "strength": "常规", "unit": "片",
        "pack_units": 7, "category": category, "single_limit": 2000, "daily_limit": 4000, "long_term": True, **more,
    }  # fmt: skip


FORMULARY = (
    _medicine(AMLODIPINE, "苯磺酸氨氯地平片", "C08CA01", "A"),
    _medicine(LOSARTAN, "氯沙坦钾片", "C09CA01", "B"),
    _medicine(METOPROLOL, "酒石酸美托洛尔片", "C07AB02", "A"),
    _medicine(THIAZIDE, "氢氯噻嗪片", "C03AA03", "A"),
    _medicine(AMOXICILLIN, "阿莫西林片", "J01CA04", "A", long_term=False),
    _medicine(MORPHINE, "盐酸吗啡片", "N02AA01", "A", control="narcotic", long_term=False),
)


def products(price: int, stock: int) -> list[dict[str, Any]]:
    """What a pharmacy sells when a pack of the first medicine costs `price` and of the second 870 fen more."""
    sold = {AMLODIPINE: price, LOSARTAN: price + 870, METOPROLOL: price - 310, THIAZIDE: price - 540}
    names = {medicine["code"]: medicine["name"] for medicine in FORMULARY}
    return [{"medicine": one, "name": names[one], "price": asked, "stock": stock} for one, asked in sold.items()]


def line(medicine: str, **more: Any) -> dict[str, Any]:
    """One tablet a day for a week."""
    return {
        "medicine": medicine, "dose": 1000, "frequency": "qd", "route": "oral", "days": 7, "quantity": 1, **more,
    }  # fmt: skip
