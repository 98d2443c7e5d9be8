"""Signed calls changed in every way that somebody without the secret might try: seeded, so that each run is alike."""

import base64
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from operations.standard_webhooks import TOLERANCE, new_secret, signature

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
SECONDS = int(TOLERANCE.total_seconds())


@dataclass(frozen=True)
class Call:
    """A call as it is sent."""

    message_id: str
    timestamp: str
    signature: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        return {
            "webhook-id": self.message_id,
            "webhook-timestamp": self.timestamp,
            "webhook-signature": self.signature,
        }


def signed(secret: str, message_id: str, timestamp: int, body: bytes) -> Call:
    return Call(message_id, str(timestamp), signature(secret, message_id, timestamp, body), body)


def mutated(call: Call, secret: str, dice: random.Random) -> Iterator[tuple[str, Call]]:
    """Yield (what was done, the changed call) without an end, each way in its turn. `secret` signs only what is late,
    early, or of another call."""
    while True:
        for way in WAYS:
            changed = way(call, secret, dice)
            if changed != call:
                yield way.__name__, changed


def body_bit(call: Call, _secret: str, dice: random.Random) -> Call:
    changed = bytearray(call.body)
    changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return replace(call, body=bytes(changed))


def body_cut_or_grown(call: Call, _secret: str, dice: random.Random) -> Call:
    cut = dice.randrange(len(call.body))
    grown = bytes(dice.randrange(256) for _ in range(dice.randint(1, 4)))
    spaced = call.body.replace(b": ", b":") if b": " in call.body else call.body + b"\n"
    return replace(call, body=dice.choice([call.body[:cut], call.body + grown, grown + call.body, b"", spaced]))


def signature_bit(call: Call, _secret: str, dice: random.Random) -> Call:
    raw = bytearray(_raw(call))
    raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
    return _with(call, base64.b64encode(raw).decode())


def signature_letter(call: Call, _secret: str, dice: random.Random) -> Call:
    text = _text(call)
    place = dice.randrange(len(text) - 1)
    return _with(call, text[:place] + dice.choice(ALPHABET) + text[place + 1 :])


def trailing_bits(call: Call, _secret: str, dice: random.Random) -> Call:
    """Another text that decodes to the very same bytes: the last letter before the padding has two bits to spare."""
    text = _text(call)
    last = ALPHABET.index(text[-2])
    return _with(call, f"{text[:-2]}{ALPHABET[last ^ dice.randint(1, 3)]}=")


def padding(call: Call, _secret: str, dice: random.Random) -> Call:
    text = _text(call).rstrip("=")
    return _with(call, text + dice.choice(["", "==", "===", "=\n", "=A", "=.", "%3D"]))


def letters_of_urls(call: Call, _secret: str, _dice: random.Random) -> Call:
    return _with(call, _text(call).replace("+", "-").replace("/", "_").rstrip("="))


def case(call: Call, _secret: str, dice: random.Random) -> Call:
    text = _text(call)
    return _with(call, dice.choice([text.lower(), text.upper(), text.swapcase()]))


def cut_or_grown(call: Call, _secret: str, dice: random.Random) -> Call:
    text = _text(call)
    kept = dice.randrange(len(text))
    return _with(call, dice.choice([text[:kept], text[kept:], text + dice.choice(ALPHABET), text * 2, text[::-1], ""]))


def version(call: Call, _secret: str, dice: random.Random) -> Call:
    prefix = dice.choice(["v1a,", "v2,", "V1,", "v1", "v1;", "v1,,", ",", "", "v01,", "v1 ,", "v0,", "ｖ1,", "v1="])
    return replace(call, signature=prefix + _text(call))


def whitespace(call: Call, _secret: str, dice: random.Random) -> Call:
    """What is no space of ASCII parts nothing, and a space within a signature parts it."""
    text, blank = _text(call), dice.choice(["\t", "\n", "\r\n", "\u00a0", "\u2003", "\u200b", "\ufeff", "\x00", "\x0b"])
    inner = dice.randint(1, len(text) - 1)
    return replace(
        call,
        signature=dice.choice([f"v1,{blank}{text}", f"v1,{text}{blank}", f"v1,{text[:inner]} {text[inner:]}",
                               f"{blank}v1,{text}", f"v1, {text}"]),
    )  # fmt: skip


def other_texts(call: Call, _secret: str, dice: random.Random) -> Call:
    wide = "".join(chr(ord(each) + 0xFEE0) for each in call.signature)
    many = " ".join(f"v1,{base64.b64encode(dice.randbytes(32)).decode()}" for _ in range(50))
    hexed = f"v1,{_raw(call).hex()}"
    return replace(call, signature=dice.choice([wide, many, hexed, "", " ", "v1", "v1,", "null", "é" * 44, "v1," * 99]))


def random_signature(call: Call, _secret: str, dice: random.Random) -> Call:
    return _with(call, base64.b64encode(dice.randbytes(32)).decode())


def message_id(call: Call, _secret: str, dice: random.Random) -> Call:
    known = call.message_id
    place = dice.randrange(len(known))
    other = known[:place] + dice.choice("abcxyz0189_-") + known[place + 1 :]
    tried = [other, known + ".", known[:-1], known.upper(), known + " ", f"{known},{known}", "", "é", "x" * 201, "\x00"]
    return replace(call, message_id=dice.choice(tried))


def timestamp(call: Call, _secret: str, dice: random.Random) -> Call:
    known = int(call.timestamp)
    shift = dice.choice([-1, 1]) * dice.randint(1, 10**6)
    wide = "".join(chr(ord(each) + 0xFEE0) for each in call.timestamp)
    tried = [str(known + shift), f"{known}.0", f"+{known}", f" {known}", f"{known} ", f"0{known}", f"{known}000", wide,
             f"{known},{known}", f"{known:.3e}", hex(known), "", "-1", "0", "NaN", f"{known}\n"]  # fmt: skip
    return replace(call, timestamp=dice.choice(tried))


def swapped(call: Call, _secret: str, dice: random.Random) -> Call:
    """The parts that are signed, parted elsewhere: what is signed is the same bytes."""
    whole = b".".join([call.message_id.encode(), call.timestamp.encode(), call.body])
    parts = whole.split(b".", 2) if dice.random() < 0.5 else whole.rsplit(b".", 2)
    if dice.random() < 0.5:
        return replace(call, message_id=call.timestamp, timestamp=call.message_id)
    moved = call.message_id + "." + call.timestamp
    return replace(call, message_id=moved, timestamp=parts[-1][:10].decode("latin-1"), body=parts[-1][10:])


def late_or_early(call: Call, secret: str, dice: random.Random) -> Call:
    """A call that is truly signed, but of another time: what is recorded is no use later."""
    away = dice.choice([-1, 1]) * dice.randint(SECONDS + 2, 10 * SECONDS)
    return signed(secret, call.message_id, int(call.timestamp) + away, call.body)


def of_another(call: Call, _secret: str, dice: random.Random) -> Call:
    """Truly signed, by whoever has another secret."""
    return signed(new_secret(dice.randbytes(32)), call.message_id, int(call.timestamp), call.body)


def body_of_another(call: Call, secret: str, dice: random.Random) -> Call:
    """The signature of another call of the same sender."""
    theirs = signed(secret, call.message_id, int(call.timestamp), dice.randbytes(dice.randint(0, 40)))
    return replace(call, signature=theirs.signature)


def id_of_another(call: Call, secret: str, dice: random.Random) -> Call:
    theirs = signed(secret, f"{call.message_id}{dice.randrange(10**6)}", int(call.timestamp), call.body)
    return replace(call, signature=theirs.signature)


def weak_keys(call: Call, secret: str, dice: random.Random) -> Call:
    """Signed with what anybody can guess."""
    guessed = dice.choice(["", "A" * 44, base64.b64encode(secret.encode()[:24]).decode(), "AAAA"])
    return signed(f"whsec_{guessed}", call.message_id, int(call.timestamp), call.body)


def _text(call: Call) -> str:
    return call.signature.removeprefix("v1,")


def _raw(call: Call) -> bytes:
    return base64.b64decode(_text(call))


def _with(call: Call, text: str) -> Call:
    return replace(call, signature=f"v1,{text}")


Way = Callable[[Call, str, random.Random], Call]
WAYS: list[Way] = [
    body_bit, body_cut_or_grown, signature_bit, signature_letter, trailing_bits, padding, letters_of_urls, case,
    cut_or_grown, version, whitespace, other_texts, random_signature, message_id, timestamp, swapped, late_or_early,
    of_another, body_of_another, id_of_another, weak_keys,
]  # fmt: skip
