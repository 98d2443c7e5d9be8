"""What workers run for `members`."""

from django.utils import timezone

from members import entering, importing


def forget_used_tokens() -> None:
    entering.forget_used_tokens(now=timezone.now())


def import_slice(run: int, position: int, rows: int) -> None:
    importing.work(run, position=position, rows=rows, now=timezone.now())


def note_lost_imports() -> None:
    importing.note_lost(now=timezone.now())


def forget_old_imports() -> None:
    importing.forget_old(now=timezone.now())
