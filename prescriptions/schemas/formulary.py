"""Bodies and answers of the formulary's endpoints."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.edge.paging import PageQuery
from app.edge.schema import IdOf, Input, Text, Version, Word, YesNo
from prescriptions.names import MEDICINE_ID
from prescriptions.rules.lines import Control, Listed
from prescriptions.service.formulary import Change, medicine_public_id

CATEGORIES = ("A", "B", "C")
"""Insurance classes: 甲, 乙, 丙."""
CODE = 40
NAME = 200
WORD = 40
INGREDIENT = r"\A[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}\Z"
"""A whole ATC code: one of a group would not say whether the medicine is under special control."""
MOST_UNITS = 10_000
MOST_DOSE = 10_000_000
"""Thousandths of a unit."""


class _MedicineFields(Input):
    name = Text(NAME, required=True)
    ingredient_group = fields.String(
        required=True, validate=validate.Regexp(INGREDIENT, error="Not the ATC code of an ingredient.")
    )
    form = Text(WORD, required=True)
    strength = Text(WORD, required=True)
    unit = Text(WORD, required=True)
    pack_units = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_UNITS))
    category = fields.String(required=True, validate=validate.OneOf(CATEGORIES))
    control = fields.Enum(Control, by_value=True, load_default=Control.ORDINARY)
    single_limit = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_DOSE))
    daily_limit = fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_DOSE))
    long_term = YesNo(load_default=False)

    @validates_schema
    def _limits(self, data: dict[str, Any], **rest: object) -> None:
        if data["daily_limit"] < data["single_limit"]:
            raise ValidationError("Not below the single limit.", "daily_limit")


class MedicineIn(_MedicineFields):
    """A medicine under its national code; limits in thousandths of a unit.

    `control` may be left out of an item whose ingredient is known to be under special control: it is kept as that.
    """

    code = Text(CODE, required=True)

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> tuple[str, Listed]:
        return data.pop("code"), Listed(**data)


class MedicineChangeIn(_MedicineFields):
    """What a medicine shall be; its code stays."""

    listed = YesNo(required=True)

    @post_load
    def _value(self, data: dict[str, Any], **rest: object) -> Change:
        listed = data.pop("listed")
        return Change(Listed(**data), listed)


class MedicineOut(Schema):
    """A medicine of the formulary; limits in thousandths of a unit."""

    id = IdOf(MEDICINE_ID, medicine_public_id)
    code = fields.String()
    name = fields.String()
    ingredient_group = fields.String()
    form = fields.String()
    strength = fields.String()
    unit = fields.String()
    pack_units = fields.Integer()
    category = Word(CATEGORIES)
    control = Word(Control)
    single_limit = fields.Integer()
    daily_limit = fields.Integer()
    long_term = fields.Boolean()
    listed = fields.Boolean()
    version = Version()


class MedicinesQuery(PageQuery):
    """Words in the name; all medicines where none are given."""

    name = fields.String(load_default="", validate=validate.Length(max=NAME))
