"""Prints the JSON Schema of rules, for whoever writes them outside."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from segmentation.rule_schema import rule_schema


class Command(BaseCommand):
    help = "Print the JSON Schema (2020-12) of rules, as GET /api/v1/segments/rule-schema/ gives it."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(rule_schema(), ensure_ascii=False, indent=2))
