"""The shapes of this app's API for OpenAPI."""

from operations.api_schema import MAYBE_NUMBER, MAYBE_TEXT, MAYBE_TIME, NUMBER, TEXT, TIME, list_of, object_of

EXPIRING = object_of(nullable=True, amount=NUMBER, at=TIME)
HOLDING = object_of(balance=NUMBER, pending=NUMBER, debt=NUMBER, earned=NUMBER, expiring=EXPIRING)
UNITS = {"type": "object", "additionalProperties": HOLDING}
POINTS = object_of(uid=TEXT, units=UNITS)
AWARD = object_of(
    id=NUMBER, gift=TEXT, kind=TEXT, amount=MAYBE_NUMBER, state=TEXT, granted_at=TIME, expires_at=MAYBE_TIME
)
AWARDS = object_of(uid=TEXT, awards=list_of(AWARD), next=MAYBE_TEXT)
REDEEM = {"type": "object", "properties": {"outlet": MAYBE_TEXT}, "additionalProperties": False}
REDEEM_BY_NUMBER = {
    "type": "object",
    "properties": {"voucher": MAYBE_TEXT, "code": MAYBE_TEXT, "outlet": MAYBE_TEXT},
    "additionalProperties": False,
}
REDEEMED = object_of(award=NUMBER, gift=TEXT, name=TEXT, state=TEXT, redeemed_at=TIME, outlet=MAYBE_TEXT)
