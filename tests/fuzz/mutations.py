"""What happens to files on their way: bits flip, tails are lost, segments move, counts and delimiters lie."""

import random
import re
from collections.abc import Callable
from typing import Final

_NUMBER: Final = re.compile(rb"[0-9]+(?:\.[0-9]+)?")
_COUNT: Final = re.compile(rb"(?:SE|GE|IEA).([0-9]+)")
_AMOUNTS: Final = (
    b"",
    b"NaN",
    b"-0",
    b"1E9999",
    b"1,234.00",
    b"0.001",
    b"9" * 30,
    b"-5",
    b"Infinity",
    b"1_0",
)
_PIECES: Final = (
    b"ISA",
    b"ISA*00*",
    b"ST*835*1~",
    b"SE*1*1~",
    b"IEA*1*1~",
    b"CLP",
    b"\x00",
    b"\xff\xfe",
    b"~~",
)
_MOST_REPEATS: Final = 400

Mutation = Callable[[bytearray, random.Random], None]


def repeatable(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same accidents again are wanted, not a secret


def flip_bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def cut_tail(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def cut_piece(data: bytearray, chance: random.Random) -> None:
    begin = chance.randrange(len(data))
    del data[begin : begin + chance.randint(1, 300)]


def swap_segments(data: bytearray, chance: random.Random) -> None:
    segments = data.split(_terminator(data))
    first, second = chance.randrange(len(segments)), chance.randrange(len(segments))
    segments[first], segments[second] = segments[second], segments[first]
    data[:] = _terminator(data).join(segments)


def drop_segment(data: bytearray, chance: random.Random) -> None:
    segments = data.split(_terminator(data))
    del segments[chance.randrange(len(segments))]
    data[:] = _terminator(data).join(segments)


def change_delimiter(data: bytearray, chance: random.Random) -> None:
    """Everywhere, or from somewhere on, so that the ISA says otherwise."""
    begin = chance.choice((0, chance.randrange(len(data))))
    old = bytes([chance.choice(b"*:~^|>\n")])
    new = bytes([chance.choice(b"*:~^|>\n\r \tA0\x1d")])
    data[begin:] = data[begin:].replace(old, new)


def change_count(data: bytearray, chance: random.Random) -> None:
    _replace_one(_COUNT, 1, str(chance.choice((0, 1, 7, 10**12))).encode(), data, chance)


def change_number(data: bytearray, chance: random.Random) -> None:
    """An amount, date, count or code becomes another number, or none."""
    _replace_one(_NUMBER, 0, chance.choice((*_AMOUNTS, str(chance.randrange(10**6)).encode())), data, chance)


def repeat_segment(data: bytearray, chance: random.Random) -> None:
    mark = _terminator(data)
    segments = data.split(mark)
    at = chance.randrange(len(segments))
    segments[at:at] = [segments[at]] * chance.randint(1, _MOST_REPEATS)
    data[:] = mark.join(segments)


def repeat_elements(data: bytearray, chance: random.Random) -> None:
    begin = chance.randrange(len(data))
    piece = data[begin : begin + chance.randint(1, 20)]
    data[begin:begin] = piece * chance.randint(1, _MOST_REPEATS)


def insert_piece(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data))
    data[at:at] = chance.choice(_PIECES)


MUTATIONS: Final[tuple[Mutation, ...]] = (
    flip_bits,
    cut_tail,
    cut_piece,
    swap_segments,
    drop_segment,
    change_delimiter,
    change_count,
    change_number,
    repeat_segment,
    repeat_elements,
    insert_piece,
)


def mutated(seed: bytes, chance: random.Random) -> bytes:
    """The file after one to three accidents."""
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 3))):
        if data:
            chance.choice(MUTATIONS)(data, chance)
    return bytes(data)


def _terminator(data: bytearray) -> bytes:
    return max((b"~", b"\n"), key=data.count)


def _replace_one(
    pattern: re.Pattern[bytes], group: int, new: bytes, data: bytearray, chance: random.Random
) -> None:
    found = list(pattern.finditer(data))
    if found:
        begin, end = chance.choice(found).span(group)
        del found  # a match keeps the bytearray from being resized
        data[begin:end] = new
