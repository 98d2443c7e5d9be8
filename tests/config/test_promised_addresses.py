"""Every call that integrators were promised is there: its address leads to a view that takes the method."""

import pytest
from django.urls import resolve

from operations.api_errors import unknown_address

MOVES = ("enter", "accept", "submit", "claim")
PROMISED = [
    *(("POST", f"{facts}/bulk/") for facts in ("members", "orders", "events", "tags")),
    *(("GET", f"members/ann/{part}") for part in ("", "points/", "awards/", "tags/", "eligibility/")),
    ("POST", "eligibility/"),
    ("GET", "segments/"),
    ("GET", "segments/golden/"),
    ("GET", "segments/golden/members/"),
    ("GET", "segments/golden/members/ann/"),
    ("POST", "segments/estimate/"),
    *(("POST", f"campaigns/autumn/members/ann/tasks/quiz/{move}/") for move in MOVES),
    ("POST", "campaigns/autumn/members/ann/draws/"),
    *(("GET", f"{each}/") for each in ("levels", "tags", "segments", "campaigns", "gifts", "awards", "entries")),
]


@pytest.mark.parametrize(("method", "path"), PROMISED)
def test_a_promised_call_is_there(method, path):
    view = resolve(f"/api/v1/{path}").func
    assert view is not unknown_address
    assert hasattr(view.view_class, method.lower())
