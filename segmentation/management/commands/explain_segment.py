"""Say why a member is in a segment, or is not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from members.models import Member
from segmentation.explaining import explain
from segmentation.models import Segment
from segmentation.rule_errors import RuleError
from segmentation.sources import SourceError
from segmentation.wording import value_words


class Command(BaseCommand):
    help = "Print each clause of a segment's rule, with the member's own value and whether it holds now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("uid")

    def handle(self, *args: Any, **options: Any) -> None:
        segment = Segment.objects.filter(slug=options["slug"]).first()
        if segment is None:
            raise CommandError(f"no segment is called {options['slug']}")
        member = Member.objects.filter(uid=options["uid"]).first()
        if member is None:
            raise CommandError(f"no member has the uid {options['uid']}")
        try:
            clauses = explain(segment, member, now=timezone.now())
        except (RuleError, SourceError) as error:
            raise CommandError(str(error)) from error
        for clause in clauses:
            mark = "✓" if clause.held else "✗"
            own = "" if clause.value is None else f"  [{', '.join(map(value_words, clause.value)) or '—'}]"
            self.stdout.write(f"{mark} {'  ' * clause.depth}{clause.words}{own}")
