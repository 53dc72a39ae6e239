"""The proxy's configuration fits the application that stands behind it."""

import json
import re
from http import HTTPStatus

import pytest

from app.core.errors import Malformed, NotFound, TooManyRequests
from app.core.pictures import MOST_BYTES
from app.edge.problems import CODES, CONTENT_TYPE
from app.edge.requests import MAX_BODY
from deploy.stack import ROOT

TEXT = (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8")
PLAIN = re.sub(r"#.*", "", TEXT)
MEBIBYTE = 1024 * 1024


def block(head: str) -> str:
    """What stands in the block that begins with `head`; blocks within it are left out."""
    begin = PLAIN.index(head) + len(head)
    return PLAIN[begin : PLAIN.index("}", begin)]


def test_braces_and_statements_are_closed() -> None:
    assert PLAIN.count("{") == PLAIN.count("}")
    lines = [line.strip() for line in PLAIN.splitlines() if line.strip()]
    assert [line for line in lines if line[-1] not in "{};"] == []


def test_bodies_are_bounded_as_the_application_bounds_them() -> None:
    sizes = [int(size) * MEBIBYTE for size in re.findall(r"client_max_body_size (\d+)m;", PLAIN)]
    assert sizes[0] == MAX_BODY
    assert MOST_BYTES <= sizes[1] <= MOST_BYTES + 4 * MEBIBYTE
    assert "pictures$" in PLAIN


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_is_for_the_machine_is_not_passed(path: str) -> None:
    inside = block(f"location = {path} {{")
    assert "return 404;" in inside and "proxy_pass" not in inside


def test_what_the_proxy_says_itself_is_a_problem_as_the_applications_are() -> None:
    """Its codes are those of the application, whose own code says that nobody answered."""
    said = dict(re.findall(r"location ((?:@|= /problems/)\w+) \{[^}]*?return \d+ '(\{[^']*\})';", PLAIN))
    pages = re.findall(r"error_page ([\d ]+?)(?: =(\d+))? (\S+);", PLAIN)
    assert {f"= {place}" if place.startswith("/") else place for _, _, place in pages} == set(said)
    assert {place: json.loads(words)["code"] for place, words in said.items()} == {
        "= /problems/malformed": Malformed.code, "= /problems/uri_too_long": "http_414", "@not_found": NotFound.code,
        "@method_not_allowed": CODES[HTTPStatus.METHOD_NOT_ALLOWED], "@too_often": TooManyRequests.code,
        "@too_large": CODES[HTTPStatus.REQUEST_ENTITY_TOO_LARGE], "@unanswered": "unanswered",
    }  # fmt: skip
    for statuses, shown, place in pages:
        head = f"location {'= ' * place.startswith('/')}{place} {{"
        problem = json.loads(said[head[len("location ") : -2]])
        assert problem["type"] == f"urn:cloud-hospital:problem:{problem['code']}"
        assert str(problem["status"]) == (shown or statuses), "the status is that of the body"
        assert f"return {problem['status']} '" in PLAIN[PLAIN.index(head) :].partition("}';")[0]
        assert f"default_type {CONTENT_TYPE};" in block(head)
        assert ("internal;" in block(head)) == place.startswith("/"), "nobody asks for a problem"


def test_every_refusal_of_the_proxys_own_is_one() -> None:
    """Those that nginx makes of what it cannot read, will not pass or cannot pass on."""
    named = {int(one) for said in re.findall(r"error_page ([\d ]+)", PLAIN) for one in said.split()}
    assert named == {400, 404, 405, 413, 414, 429, 494, 497, 501, 502, 504, 505}


def test_requests_and_answers_are_buffered_and_bounded_in_time() -> None:
    for word in (
        "proxy_request_buffering on;", "proxy_buffering on;", "client_header_timeout 10s;", "client_body_timeout 10s;",
        "limit_conn connections", "limit_req zone=requests", "limit_req zone=sign_ins",
    ):  # fmt: skip
        assert word in PLAIN


def test_forwarded_headers_are_the_proxy_s_own() -> None:
    """Where a location sets a header of its own, nginx drops all those of the server: none does."""
    forwarded = re.findall(r"proxy_set_header (\S+) (\S+);", PLAIN)
    assert dict(forwarded) == {
        "Host": "$host", "Connection": '""', "X-Forwarded-For": "$remote_addr", "X-Forwarded-Proto": "https",
        "Forwarded": '""',
    }  # fmt: skip
    assert len(forwarded) == 5
    for location in re.findall(r"location [^{]+\{([^}]*)\}", PLAIN):
        assert "proxy_set_header" not in location


def test_clear_text_is_answered_by_nobody() -> None:
    assert "return 444;" in block("server {")
    assert "$proxy_add_x_forwarded_for" not in PLAIN
