"""The models that every installation begins with, so that scores and stages are one command away."""

from datetime import time
from typing import Any

SLUG = "default"
# After the shop's day and before its next one.
DAILY_AT = time(3, 30)


def create_default_model(**_signal: Any) -> None:
    """Create each kind of model where there is none of it at all; operators may change it or make others."""
    from segmentation.models import LifecycleModel, RfmModel, ValueModel

    if not RfmModel.objects.exists():
        RfmModel.objects.create(slug=SLUG, name="RFM", is_default=True)
    if not LifecycleModel.objects.exists():
        LifecycleModel.objects.create(slug=SLUG, name="生命周期", is_default=True, daily_at=DAILY_AT)
    if not ValueModel.objects.exists():
        ValueModel.objects.create(slug=SLUG, name="综合价值", is_default=True, daily_at=DAILY_AT)
