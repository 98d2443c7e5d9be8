"""What workers run for `members`."""

from django.utils import timezone

from members import entering, event_partitions


def forget_used_tokens() -> None:
    entering.forget_used_tokens(now=timezone.now())


def keep_event_partitions() -> None:
    event_partitions.keep(now=timezone.now())
