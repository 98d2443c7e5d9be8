"""A form of the participants' pages that is sent more than once has one effect, and one outcome that is told each time.

Every page has a request key, a UUID, in its forms. What tells one sending from another is the member, the address, the
key, and what was filled in: a double tap, and a form sent again because its answer was lost, bring what the first
sending brought. Other contents under the same key (another drop of the page, or answers that were changed after the
back button) are a sending of their own. So is a form without a key, or with one that is no UUID: whoever takes the
key away has their limits from the tasks, as anybody.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _

from members.models import Member
from operations.idempotency import FORMS, performed_once

# What a form carries besides what it says: the token is another after each sign-in.
_FRAME = frozenset({"csrfmiddlewaretoken", "request_key"})
# A column holds 300 characters; the digest tells longer addresses from one another.
_PATH_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a form leads, and what is told there: (level of `django.contrib.messages`, words)."""

    to: str
    told: tuple[tuple[int, str], ...] = ()


def once(request: HttpRequest, member: Member, perform: Callable[[], Outcome]) -> HttpResponseRedirect:
    """Perform what the form asks for, tell what came of it, and lead on; a repetition is told and led the same way.

    `perform` runs in the transaction that keeps its outcome. What it raises, such as a refusal, undoes both: it may be
    granted to the same form later.
    """
    key = key_of(request)
    if key is None:
        return _lead(request, perform())
    digest = _digest(request, key)
    asked = {"client": client_of(member), "endpoint": f"{request.path[:_PATH_SHOWN]}#{digest}", "key": key}

    def kept() -> tuple[str, tuple[tuple[int, str], ...]]:
        outcome = perform()
        # Words may be lazy: what is kept is what was read.
        return outcome.to, tuple((level, str(words)) for level, words in outcome.told)

    (to, told), repeated = performed_once(asked, digest, kept)
    response = _lead(request, Outcome(to, tuple((level, words) for level, words in told)))
    if repeated:
        messages.info(request, _("You had sent this before: it counts once."))
    return response


def client_of(member: Member) -> str:
    """Return under whom the forms of a member are kept."""
    return f"{FORMS}{member.pk}"


def key_of(request: HttpRequest) -> str | None:
    """Return the request key of a form, None where it has none."""
    try:
        return str(UUID(request.POST.get("request_key", "")))
    except ValueError:
        return None


def _lead(request: HttpRequest, outcome: Outcome) -> HttpResponseRedirect:
    for level, words in outcome.told:
        messages.add_message(request, level, words)
    return HttpResponseRedirect(outcome.to)


def _digest(request: HttpRequest, key: str) -> str:
    """Return what tells this sending from others of the key; the key in it keeps the contents from being looked up."""
    digest = hashlib.sha256(key.encode())
    for part in _parts(request):
        digest.update(part)
    return digest.hexdigest()


def _parts(request: HttpRequest) -> Iterator[bytes]:
    fields = {field: values for field, values in request.POST.lists() if field not in _FRAME}
    yield json.dumps([request.get_full_path(), fields], sort_keys=True).encode()
    for field, files in request.FILES.lists():
        for file in files:
            yield f"{field}:{file.size}:".encode()
            yield from file.chunks()
            file.seek(0)
