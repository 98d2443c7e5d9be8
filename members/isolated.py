"""Foreign text in a sentence of ours: whatever is in it, what follows it keeps its direction.

HTML has <bdi> and CSS `unicode-bidi: isolate` for what stands in an element of its own; this is for plain strings.
"""

import unicodedata

# U+2068 lets the text have its own direction, U+2069 ends that.
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
# Characters that turn what comes after them: without them every text can be isolated, with them none for certain.
TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def isolated(text: object) -> str:
    """Return the text without what would turn the rest of a sentence, isolated where it runs from right to left."""
    plain = "".join(each for each in str(text) if unicodedata.bidirectional(each) not in TURNING)
    if any(unicodedata.bidirectional(each) in RIGHT_TO_LEFT for each in plain):
        return f"{FIRST_STRONG_ISOLATE}{plain}{POP_ISOLATE}"
    return plain
