"""No module writes facts that is not listed here, each with whether it touches members by itself."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Every module that writes a table of facts, and whether it touches by itself: who does not is called by one that does,
# or says why nobody is to be touched.
WRITERS = {
    "campaigns/completing.py": True,
    "campaigns/energy.py": False,  # no rule reads it
    "campaigns/energy_drops.py": False,  # no rule reads it
    "campaigns/entering.py": True,
    "campaigns/offers/counts.py": False,  # what is taken of an offer: no rule reads it
    "campaigns/pacing.py": False,  # how fast one moves is no fact that rules read
    "campaigns/progress.py": False,  # how far one is with a task is no fact that rules read
    "campaigns/quotas.py": False,  # of all, and of nobody
    "campaigns/rank_prizes.py": False,  # what is given touches
    "campaigns/scoring.py": False,  # called by rewarding, for a task whose completion touches
    "members/attribute_values.py": False,  # called by member_states
    "members/erasing.py": True,
    "members/facts.py": False,  # called by member_states and purchases
    "members/ingest_events.py": True,
    "members/locking.py": True,
    "members/new_orders.py": True,
    "members/privacy_sections.py": False,  # called by erasing
    "members/profiling.py": False,  # no rule reads it
    "members/resealing.py": False,  # no rule reads contacts
    "members/standing_rows.py": True,
}
TABLES = "member|order|orderitem|event|attributevalue"
MODELS = "Member|Order|OrderItem|Event|AttributeValue|Enrolment|Completion|ChainProgress|Account|Entry|Draw"
METHODS = "create|bulk_create|get_or_create|update_or_create|bulk_update"
WRITES = re.compile(
    rf"(INSERT INTO|UPDATE|DELETE FROM|COPY) members_({TABLES})\b"
    rf"|\b({MODELS})\.objects\.({METHODS})\("
    rf"|\b(Member|Order|OrderItem|Event|AttributeValue)\.objects\.[^#\n]*\.(update|delete)\("
    r"|(INSERT INTO|UPDATE) (rewards_(account|entry|draw)|campaigns_)|\b(member|locked)\.save\("
    r"|privacy\.delete\(member\.(events|orders|attribute_values)"
)


def test_no_module_writes_facts_that_is_not_listed_here():
    found = {}
    for app in ("members", "segmentation", "rewards", "campaigns", "demo"):
        for path in sorted((ROOT / app).rglob("*.py")):
            text = path.read_text()
            if "migrations" not in path.parts and WRITES.search(text):
                found[str(path.relative_to(ROOT))] = bool(re.search(r"touches\.touch\(|_touching\(", text))
    assert found == WRITERS
