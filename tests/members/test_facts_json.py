"""The JSON of facts says the same whichever reader read it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from members import facts_json

TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(["\ud800", "9" * 30, "\\", '"', "\x00"]))
NUMBERS = st.one_of(st.integers(), st.integers(-(2**70), 2**70), st.floats())
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(value=VALUES, is_ascii=st.booleans())
def test_what_is_read_is_what_pythons_own_reader_reads(value, is_ascii):
    body = json.dumps(value, ensure_ascii=is_ascii).encode(errors="surrogatepass")
    try:
        expected = repr(json.loads(body.decode()))
    except UnicodeDecodeError:
        with pytest.raises(ValueError, match="utf-8"):
            facts_json.read(body)
    else:
        assert repr(facts_json.read(body)) == expected


@pytest.mark.parametrize(
    "text",
    ["18446744073709551616", "-9223372036854775809", "1e999", "[NaN, -Infinity]", '{"a": 1, "b": 2, "a": 3}', "-0",
     "-0.0", "1.10", "1234567890123456789", '"\\ud83d\\ude00"', " [1] "],
)  # fmt: skip
def test_numbers_and_names_keep_what_they_are(text):
    assert repr(facts_json.read(text.encode())) == repr(json.loads(text))


@pytest.mark.parametrize("body", [b"", b"[1", b"{'a': 1}", b"\xff", b"\xef\xbb\xbf[]", b'"\x01"', b"01"])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(ValueError):  # noqa: PT011
        facts_json.read(body)
