"""Every error code of the HTTP API: with which status it comes, what it means and what a client does about it.

A view lists the codes of its own beside its other words for the OpenAPI document (`operations.described`); those that
any call can be answered with are added there by themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
Name = TypeVar("Name", bound=str)


class Remedy:
    """What a client does about an error; most codes share one of these."""

    MEND = _("Mend the request: `message` and `fields` say what and where.")
    SHOW = _("Show `message` to the member. Sent again, it is refused until their situation has changed.")
    AGAIN = _("Wait as `Retry-After` says, or a second. Send it again, with the same Idempotency-Key if it has one.")
    NAME = _("Check the name in the address or the body. If it is new, post it first.")
    LATER = _("Nothing is wrong with the request. Ask again later.")


@dataclass(frozen=True, slots=True)
class Code:
    """One error code. The same name may come with other words, or another status, from another room."""

    name: str
    status: int
    words: Words = field(compare=False)
    remedy: Words = field(compare=False, default=Remedy.MEND)


NOT_FOUND = Code("not_found", 404, _("There is no such object, or nothing at this address."), Remedy.NAME)
UNKNOWN_MEMBER = Code(
    "unknown_member", 404, _("There is no member with this uid."), _("Post the member first, to `members/bulk/`.")
)
INVALID = Code("invalid", 400, _("The request has values that cannot be used; `fields` names each."))
BAD_REQUEST = Code("bad_request", 400, _("The request could not be understood."))
BAD_CURSOR = Code("bad_cursor", 400, _("The cursor is not one that this list gave."), _("Begin at the first page."))

# What any call can be answered with.
ANY_CALL = (
    BAD_REQUEST,
    Code("unusable_value", 400, _("The request has a value that cannot be stored.")),
    Code("try_again", 503, _("The request could not be served now."), Remedy.AGAIN),
)
OF_CLIENTS = (
    Code("not_authenticated", 401, _("The call has no API key."), _("Send the header `Authorization: Api-Key KEY`.")),
    Code(
        "authentication_failed",
        401,
        _("The API key is unknown, revoked or expired."),
        _("Ask the shop's operators for a new key."),
    ),
    Code(
        "scope_missing",
        403,
        _("The API key lacks the scope for this call."),
        _("Ask the shop's operators for a key with this scope."),
    ),
    Code(
        "address_not_allowed",
        403,
        _("The API key may not be used from this address."),
        _("Call from an address that the key admits, or ask the shop's operators to admit this one."),
    ),
    Code("throttled", 429, _("The client calls more often than it may."), Remedy.AGAIN),
)
OF_BODIES = (
    Code("malformed_json", 400, _("The body is not JSON; `message` says where.")),
    Code("too_deep", 400, _("The body is nested deeper than is taken.")),
    Code("body_incomplete", 400, _("The body ended before its Content-Length."), Remedy.AGAIN),
    Code("length_required", 411, _("A body needs a Content-Length; chunked bodies are not taken.")),
    Code("encoding_not_supported", 415, _("Compressed bodies are not taken.")),
    Code("body_too_large", 413, _("The body is larger than is taken."), _("Send it in parts.")),
    Code(
        "unsupported_media_type",
        415,
        _("The body is of another kind than JSON."),
        _("Send the header `Content-Type: application/json`."),
    ),
)
OF_LISTS = (INVALID, BAD_CURSOR)
OF_SIGNED_CALLS = (
    Code("webhook_unsigned", 401, _("A header of the signature is missing, or is none.")),
    Code(
        "webhook_forged", 401, _("The signature is not that of the secret."), _("Sign ID.TIMESTAMP.BODY, byte by byte.")
    ),
    Code("webhook_too_old", 400, _("The call was signed more than five minutes ago."), _("Sign it anew.")),
    Code("webhook_too_early", 400, _("The call was signed ahead of our clock."), _("Set the clock, and sign it anew.")),
    Code("idempotency_key_reused", 422, _("This webhook-id was used with another body."), _("Make a new webhook-id.")),
)
OF_KEYED_CALLS = (
    Code("idempotency_key_missing", 400, _("This call needs the header Idempotency-Key.")),
    Code("idempotency_key_invalid", 400, _("An Idempotency-Key is 1 to 200 printable ASCII characters.")),
    Code(
        "idempotency_key_reused",
        422,
        _("This Idempotency-Key was used with another body."),
        _("Make a new key for each new thing that is asked for; repeat the old one only with the same body."),
    ),
)
# Answered outside any one operation, or by mistake of ours.
ELSEWHERE = (
    NOT_FOUND,
    Code("permission_denied", 403, _("This is not allowed."), _("Ask the shop's operators.")),
    Code("method_not_allowed", 405, _("This address does not take this method.")),
    Code("server_error", 500, _("Something went wrong on our side."), Remedy.AGAIN),
    Code("unavailable", 503, _("The database cannot be reached right now."), Remedy.AGAIN),
)


def coded(status: int, words: Mapping[Name, Words], remedy: Words = Remedy.SHOW) -> tuple[Code, ...]:
    """Return a Code for each name and its words, all with one status and one remedy."""
    return tuple(Code(str(name), status, said, remedy) for name, said in words.items())


def by_status(codes: Iterable[Code]) -> dict[int, list[Code]]:
    """Return the codes of each status, by name, each once."""
    found: dict[int, dict[str, Code]] = {}
    for code in codes:
        found.setdefault(code.status, {}).setdefault(code.name, code)
    return {status: [found[status][name] for name in sorted(found[status])] for status in sorted(found)}
