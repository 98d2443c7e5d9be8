"""Which stored pictures gifts and items of the mall name."""

from collections.abc import Iterator

from rewards.models import Gift, MallItem


def in_use() -> Iterator[str]:
    yield from Gift.objects.exclude(picture="").values_list("picture", flat=True)
    yield from MallItem.objects.exclude(picture="").values_list("picture", flat=True)
