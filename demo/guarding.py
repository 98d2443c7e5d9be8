"""What guards the demo's money: outlets and who works there, budgets, and members who may not win, with the reason."""

from datetime import datetime

from django.contrib.auth.models import User

from demo import playing
from demo.campaign import SLUG
from demo.words import say
from members.models import Member
from rewards import budget_warnings, listing
from rewards.models import Budget, Outlet, PoolListing, PrizePool

OUTLETS = ("xuhui", "chaoyang", "pop-up")
CLOSED = "pop-up"
SCOPE = f"campaign:{SLUG}"
# scope → for what, and how many cents: at least, and more for each visit to the campaign that the demo has.
BUDGETS = {
    (SCOPE, Budget.Per.TOTAL): (45_000, 1_000),
    (SCOPE, Budget.Per.DAY): (30_000, 600),
    ("mall", Budget.Per.TOTAL): (15_000, 100),
}
FOR_ONE_MEMBER = 20_000


def make_outlets(language: str, *, by: User) -> None:
    for slug in OUTLETS:
        words = {field: say(f"outlet.{slug}.{field}", language) for field in ("name", "address")}
        Outlet.objects.create(slug=slug, active=slug != CLOSED, **words).staff.add(by)


def make_budgets(members: int) -> None:
    """Set budgets that are partly used a week later, however many members the demo has."""
    for (scope, per), (least, each) in BUDGETS.items():
        Budget.objects.create(scope=scope, per=per, cents=least + each * playing.visits_of(members))
    Budget.objects.create(scope=SCOPE, per=Budget.Per.MEMBER, cents=FOR_ONE_MEMBER)
    Budget.objects.create(scope="pool:black-gold", per=Budget.Per.DAY, cents=600_000)


def list_members(language: str, *, by: User, now: datetime) -> None:
    """Shut the shop's own people out of a pool, and let only tried members win its dearest prize."""
    pool = PrizePool.objects.get(slug="black-gold")
    paid = list(Member.objects.filter(level__slug="paid").order_by("uid").values_list("uid", flat=True)[:6])
    for kind, prize, uids in [(PoolListing.Kind.BLACK, "", paid[:1]), (PoolListing.Kind.WHITE, "phone", paid[1:])]:
        reason = say(f"reason.{kind}", language)
        listing.list_members(pool, uids, kind=kind, prize=prize, reason=reason, by=by, now=now)


def warn(*, now: datetime) -> None:
    budget_warnings.warn(now=now)
