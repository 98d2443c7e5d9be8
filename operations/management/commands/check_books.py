from typing import Any

from django.core.management.base import BaseCommand, CommandError

from operations.books import Count, count_violations


class Command(BaseCommand):
    help = (
        "Check every invariant of the books; a line each with its count of violations. Exit status 1 if there is any."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        counts = count_violations()
        for count in counts:
            self.stdout.write(line(count))
        wrong = [count.name for count in counts if count.violations != 0]
        if wrong:
            raise CommandError(f"{len(wrong)} of {len(counts)} books do not balance: {', '.join(wrong)}")


def line(count: Count) -> str:
    """Return what is printed for one book."""
    return f"{count.name}: {count.violations if count.violations is not None else f'failed: {count.error.strip()}'}"
