"""The JS-SDK ticket of the official account: one for all processes, renewed by one of them before it ends.

Nobody waits for WeChat but the one who renews, two seconds at most: the others use the ticket that is still good, and
where there is none, they do without for now. After a failure everybody does, for a while that grows.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from members.models import WechatLoan
from members.wechat.account import Account
from members.wechat.calling import Calls, WechatError, WechatUnreachable
from operations.sealing import seal, unseal

logger = logging.getLogger(__name__)

SECONDS = 2.0
# From here on `stable_token` gives the next token, beside which the last one stays good.
EARLY = timedelta(minutes=5)
LONGEST_LIFE = timedelta(hours=2)
FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=10)

# The token is not good (any more). What WeChat says of itself by the others passes by itself: -1 is "busy".
_TOKEN_REFUSED = {40001, 40014, 42001}
_PASSING = {-1}


def ticket(account: Account, *, now: datetime) -> str | None:
    """Return a ticket that is good at `now`, or None where there is none to be had."""
    loan = WechatLoan.objects.filter(app_id=account.app_id).first()
    if loan is None:
        WechatLoan.objects.bulk_create([WechatLoan(app_id=account.app_id)], ignore_conflicts=True)
    if loan is None or _is_due(loan, now):
        loan = _renewed(account, now=now) or loan
    return _ticket_of(loan, now) if loan else None


@transaction.atomic
def _renewed(account: Account, *, now: datetime) -> WechatLoan | None:
    """Renew what is due and return the row; None while somebody else is at it.

    The lock is let go by the database when its holder dies. Nobody waits for it, so it may last as long as the calls.
    """
    locked = WechatLoan.objects.select_for_update(skip_locked=True).filter(app_id=account.app_id)
    loan = locked.first()
    # Asked again behind the lock: whoever had it before has renewed.
    if loan is None or not _is_due(loan, now):
        return loan
    try:
        _renew(loan, account, now)
    except (WechatUnreachable, WechatError) as error:
        _rest(loan, error, now)
    else:
        loan.failures, loan.not_before, loan.last_error = 0, None, ""
    loan.save()
    return loan


def _renew(loan: WechatLoan, account: Account, now: datetime) -> None:
    calls = Calls(account.api_url, seconds=SECONDS)
    # One that cannot be opened any more, by another SECRET_KEY, is none: WeChat would call it missing, not wrong.
    if not _good(loan.token_until, now + EARLY) or unseal(loan.sealed_token) is None:
        _take_token(loan, account, calls, now, anew=False)
    try:
        _take_ticket(loan, calls, now)
    except WechatError as error:
        if error.code not in _TOKEN_REFUSED:
            raise
        # Made invalid before its time, by a new secret or by hand.
        _take_token(loan, account, calls, now, anew=True)
        _take_ticket(loan, calls, now)


def _take_token(loan: WechatLoan, account: Account, calls: Calls, now: datetime, *, anew: bool) -> None:
    asked = {
        "grant_type": "client_credential",
        "appid": account.app_id,
        "secret": account.secret,
        "force_refresh": anew,
    }
    token, until = _lent(calls.post("/cgi-bin/stable_token", asked), "access_token", now)
    loan.sealed_token, loan.token_until = seal(token), until


def _take_ticket(loan: WechatLoan, calls: Calls, now: datetime) -> None:
    token = unseal(loan.sealed_token) or ""
    told = calls.get("/cgi-bin/ticket/getticket", access_token=token, type="jsapi")
    given, until = _lent(told, "ticket", now)
    loan.sealed_ticket, loan.ticket_until = seal(given), until


def _lent(told: Any, name: str, now: datetime) -> tuple[str, datetime]:
    """Return what is lent, and until when. Raises WechatUnreachable for an answer that says neither."""
    given, seconds = told.get(name), told.get("expires_in")
    if not isinstance(given, str) or not given or not isinstance(seconds, int) or seconds <= 0:
        raise WechatUnreachable(f"an answer without {name}")
    return given, now + min(timedelta(seconds=seconds), LONGEST_LIFE)


def _rest(loan: WechatLoan, error: Exception, now: datetime) -> None:
    """Leave WeChat alone for a while; at once for long where only a person can help."""
    logger.warning("WeChat lends no ticket: %s", error)
    passes = isinstance(error, WechatUnreachable) or getattr(error, "code", 0) in _PASSING
    rest = FIRST_REST * 2 ** min(loan.failures, 10) if passes else LONGEST_REST
    loan.failures += 1
    loan.not_before, loan.last_error = now + min(rest, LONGEST_REST), str(error)[:200]


def _is_due(loan: WechatLoan, now: datetime) -> bool:
    if loan.not_before is not None and now < loan.not_before:
        return False
    return _ticket_of(loan, now + EARLY) is None


def _ticket_of(loan: WechatLoan, now: datetime) -> str | None:
    return unseal(loan.sealed_ticket) if _good(loan.ticket_until, now) else None


def _good(until: datetime | None, now: datetime) -> bool:
    return until is not None and now < until
