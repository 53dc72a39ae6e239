"""Whoever answers otherwise than the document promises is found out."""

from typing import Any

import pytest
from flask import Flask

from tests.described import PLACE, Description

NOTE = "note_4008000g00000000000000000000000000"
RIGHT = {"id": NOTE, "state": "sent", "version": 1}


@pytest.fixture
def description(app: Flask) -> Description:
    return Description(app.test_client().get(PLACE).get_json())


def test_right_answers_pass(description: Description) -> None:
    description.check("GET", f"/api/v1/edge-notes/{NOTE}", 200, "application/json", RIGHT)
    description.check("GET", "/healthz", 200, "text/plain", None)


def test_wrong_answers_do_not(description: Description) -> None:
    answers: list[tuple[int, str, Any]] = [
        (200, "application/json", {"id": NOTE, "state": "sent"}),
        (200, "application/json", {**RIGHT, "id": "vis_1"}),
        (200, "application/json", {**RIGHT, "state": "eaten"}),
        (200, "application/json", {**RIGHT, "version": None}),
        (200, "application/json", {**RIGHT, "more": 1}),
        (200, "text/html", None),
        (201, "application/json", RIGHT),
        (404, "application/json", {"code": "not_found"}),
        (404, "application/problem+json", {"code": "not_found"}),
    ]

    def passes(status: int, media_type: str, body: Any) -> bool:
        try:
            description.check("GET", f"/api/v1/edge-notes/{NOTE}", status, media_type, body)
        except AssertionError as wrong:
            return "GET /api/v1/edge-notes/" not in str(wrong)
        return True

    assert {str(answer) for answer in answers if passes(*answer)} == set()
