"""What workers run for `members`."""

from django.utils import timezone

from members import entering


def forget_used_tokens() -> None:
    entering.forget_used_tokens(now=timezone.now())
