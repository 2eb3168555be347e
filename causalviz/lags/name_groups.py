"""The group of each user, worked out in a database: CRC-32 of the name, which few databases know.

CRC-32 is linear: each byte adds, by exclusive or, a number that depends on its value and its distance d from the end,
and the number of bytes adds one more:

    crc(name) = zeros(n) xor XOR_b table(d_b, byte_b),   zeros(n) = crc of n zero bytes,
    table(d, byte) = XOR over the bits of byte of  crc(2^bit, d zero bytes) xor zeros(d + 1).

So names are cut into characters, those into the bytes of UTF-8, each byte meets its number by an equi-join, and an
aggregate takes the exclusive or. The answer is ``group_of``, so that the counts of groups are the kernel's too.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import ibis.expr.types as ir

LONGEST_CHARACTER: Final = 4  # bytes
SIXES: Final = 6  # bits of a character in each byte but its first
FIRST: Final = (0, 0, 0xC0, 0xE0, 0xF0)  # what the first of 1, 2, 3, 4 bytes begins with
LATER: Final = 0x80


def with_groups(names: ir.Table, groups: int, longest: int) -> ir.Table:
    """Adds the group of each name.

    Args:
        names: One text column ``who`` of different, filled names; others are kept.
        groups: G.
        longest: Characters of the longest name.

    Returns:
        The table with ``crc``, the name's CRC-32, and ``grp``, 0..G-1.
    """
    longest_b = LONGEST_CHARACTER * longest
    told = _bytes(names)
    met = told.join(_table(longest_b), ["place"])
    sums = met.group_by("who").agg(crc=met.part.bit_xor(), bytes=met.count())
    zeros = _array([zlib.crc32(bytes(n)) for n in range(longest_b + 1)])
    sums = sums.select("who", crc=sums.crc.cast("int64") ^ zeros[sums.bytes])
    joined = names.join(sums, ["who"])
    return joined.mutate(grp=(joined.crc % groups).cast("int64"))


def _bytes(names: ir.Table) -> ir.Table:
    """``who`` and ``place`` = 256 x distance from the end + value, a row for each byte."""
    import ibis

    at = names.select("who", at=ibis.range(names.who.length().cast("int64")).unnest())
    codes = at.select("who", "at", code=at.who.substr(at["at"].cast("int32"), 1).ascii_str().cast("int64"))
    size = ibis.cases((codes.code < 1 << 7, 1), (codes.code < 1 << 11, 2), (codes.code < 1 << 16, 3), else_=4)
    codes = codes.mutate(size=size.cast("int64"))
    onwards = ibis.window(group_by=codes.who, order_by=ibis.desc(codes["at"]), preceding=None, following=0)
    codes = codes.mutate(behind=codes["size"].sum().over(onwards).cast("int64") - codes["size"])  # bytes after it
    each = codes.select("who", "code", "size", "behind", k=ibis.range(codes["size"]).unnest())
    each = each.mutate(k=each.k.cast("int64"))
    shifted = ibis.cases(*((each.k == k, each.code // (1 << SIXES * k)) for k in range(LONGEST_CHARACTER)))
    first = ibis.cases(*((each["size"] == size, FIRST[size]) for size in range(1, LONGEST_CHARACTER + 1)))
    byte = (each.k == each["size"] - 1).ifelse(first + shifted, LATER + shifted % (1 << SIXES))
    return each.select("who", place=256 * (each.behind + each.k) + byte)


def _table(longest_b: int) -> ir.Table:
    """``place`` and ``part``, the number of each byte at each distance."""
    import ibis

    bits = _array(
        [
            zlib.crc32(bytes([1 << bit]) + bytes(distance)) ^ zlib.crc32(bytes(distance + 1))
            for distance in range(longest_b)
            for bit in range(8)
        ]
    )
    places = ibis.range(256 * longest_b).unnest().name("place").as_table()
    each = places.select(place=places.place.cast("int64"), bit=ibis.range(8).unnest())
    each = each.filter((each.place // ibis.literal(2).pow(each.bit).cast("int64")) % 2 == 1)  # bits that are set
    each = each.select("place", part=bits[each.place // 256 * 8 + each.bit])
    return each.group_by("place").agg(part=each.part.bit_xor())


def _array(numbers: list[int]) -> ir.ArrayValue:
    import ibis

    return ibis.literal(numbers, "array<int64>")
