"""Accounts that a member has to link before a red packet can be paid to them."""

from django.utils.translation import gettext_lazy as _

from members.models import Identity
from rewards import delivery_providers
from rewards.delivery_providers import NotConfigured
from rewards.models import Award, Delivery

WORDS = {
    "wechat-openid": _("WeChat"),
    "wechat-unionid": _("WeChat"),
    "wecom": _("WeCom"),
    "alipay": _("Alipay"),
    "douyin": _("Douyin"),
}


def link_needed(award: Award) -> str:
    """Return what the member has to link before this red packet is paid, in words; "" where nothing is missing."""
    delivery: Delivery | None = getattr(award, "delivery", None)
    if delivery is None or delivery.state != Delivery.State.WAITING:
        return ""
    try:
        needed = delivery_providers.provider_of(delivery.provider).needs_identity
    except NotConfigured:
        return ""
    if not needed or Identity.objects.filter(member_id=award.member_id, provider=needed).exists():
        return ""
    return str(WORDS.get(needed, needed))
