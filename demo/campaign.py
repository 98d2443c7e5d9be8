"""The demo's campaign: each kind of member meets tasks and a prize pool of their own."""

from datetime import datetime, timedelta
from typing import Any

from demo.words import say

SLUG = "double-twelve"


def quiz(language: str) -> dict[str, Any]:
    def question(number: int, answer: int) -> dict[str, Any]:
        choices = [say(f"quiz.{number}.{letter}", language) for letter in "abc"]
        return {"text": say(f"quiz.{number}", language), "choices": choices, "answer": answer}

    return {"questions": [question(1, 1), question(2, 0)], "pass": 2}


PURCHASES = {
    "normal": ("buy-first", {"orders": 1}),
    "growth": ("buy-milk", {"amount": "60", "categories": ["milk"]}),
    "paid": ("buy-plus", {"units": 3}),
}
POOLS = {"plus": {"levels": ["paid"]}, "growth": {"levels": ["growth"]}, "everyone": {}}
CHANCES = {"normal": 1, "growth": 1, "paid": 2}


def opening(now: datetime) -> tuple[datetime, datetime]:
    """Return when the campaign opens and closes: it has run for three days and goes on for four weeks."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=3), midnight + timedelta(days=28)
