"""Two people of the shop, one who asks and one who approves, each with one call."""

from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client

from operations import approvals
from operations.models import ApprovalRequest
from tests.rewards.build import NOW

ASKS = (
    "view_gift", "change_gift", "change_budget", "view_budget", "change_mallitem", "view_mallitem",
    "change_earningrule", "view_earningrule", "add_earningrule", "change_unit", "view_unit", "change_level",
    "view_level", "change_prizepool", "view_prizepool", "publish_prizepool", "add_prize", "change_prize",
    "view_prize", "delete_prize", "add_awardbatch", "view_awardbatch", "stop_awardbatch", "add_uidlist",
)  # fmt: skip
APPROVES = ("approve_stock", "approve_budget", "approve_value", "approve_adjustment", "approve_awardbatch")


def person(name: str, *permissions: str) -> User:
    user = User.objects.create(username=name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def olga() -> User:
    """She runs campaigns, and asks."""
    return person("olga", *ASKS)


def rei() -> User:
    """He reviews, and approves."""
    return person("rei", *APPROVES)


def desk_of(user: User) -> Client:
    desk = Client()
    desk.force_login(user)
    return desk


def page(row: Model) -> str:
    """The address of a row in the admin."""
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def approved(request: ApprovalRequest, by: User) -> ApprovalRequest:
    """Approve it as it would be shown now."""
    return approvals.approve(request, by=by, now=NOW, token=approvals.shown(request).token)
