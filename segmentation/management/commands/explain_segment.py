"""Say why a member is in a segment, or is not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from members.erasing import erased_among
from members.models import Member
from segmentation.explaining import Explanation, explanation
from segmentation.models import Segment
from segmentation.rule_errors import RuleError
from segmentation.sources import SourceError
from segmentation.standing import Standing, standing
from segmentation.wording import value_words


class Command(BaseCommand):
    help = "Print each clause of a segment's rule, with the member's own value, what was needed, and whether it holds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("uid")

    def handle(self, *args: Any, **options: Any) -> None:
        segment = Segment.objects.filter(slug=options["slug"]).first()
        if segment is None:
            raise CommandError(f"no segment is called {options['slug']}")
        if erased_among([options["uid"]]):
            raise CommandError(f"the member {options['uid']} was erased, and so is in nobody's audience")
        member = Member.objects.filter(uid=options["uid"]).first()
        if member is None:
            raise CommandError(f"no member has the uid {options['uid']}")
        now, found = timezone.now(), None
        if segment.kind == Segment.Kind.RULE:
            try:
                found = explanation(segment, member, now=now)
            except (RuleError, SourceError) as error:
                raise CommandError(str(error)) from error
        self._print(found, standing(segment, member, holds_now=found.held if found else None, now=now))

    def _print(self, found: Explanation | None, stands: Standing) -> None:
        for clause in found.clauses if found else ():
            mark = "✓" if clause.held else "✗"
            behind = f" ({clause.behind})" if clause.behind else ""
            self.stdout.write(f"{mark} {'  ' * clause.depth}{clause.told}{behind}")
        for wish in found.nearest if found else ():
            self.stdout.write(_("Enough to be in: %(clause)s") % {"clause": wish})
        published = _("In the last good version: %(answer)s.") % {"answer": value_words(stands.published)}
        self.stdout.write(f"{published} {stands.told}")
