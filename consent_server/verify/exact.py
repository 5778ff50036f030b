"""JSON read strictly and written canonically (RFC 8785): one value, one text, no free byte."""

from collections.abc import Sequence
from decimal import Decimal
from json import JSONDecodeError, JSONEncoder, loads
from math import isfinite
from typing import NoReturn

from consent_server.verify.verdict import Place, Refused

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 32
_SAFE_INTEGER = 2**53 - 1
_string = JSONEncoder(ensure_ascii=False).encode


class _NoFormError(ValueError):
    """The value has no canonical form."""


def read_exact(data: bytes, field: str = "") -> object:
    """Read JSON that is exactly the canonical form of its value; raises Refused if not."""
    place = Place(field)
    if len(data) > MAX_BYTES:
        raise Refused("too_big", place, limit=MAX_BYTES)
    value = _read(data, field)
    try:
        exact = canonical(value)
    except _NoFormError as error:
        raise Refused("not_canonical", place, why=str(error)) from error
    if exact != data:
        raise Refused("not_exact", Place(field, byte=_first_difference(exact, data)))
    return value


def read_json(data: bytes) -> object:
    """Read JSON strictly, in whatever manner it is written; raises Refused."""
    return _read(data, "")


def canonical(value: object) -> bytes:
    """Write a value canonically; raises ValueError when it has no canonical form."""
    try:
        return _write(value, 0).encode()
    except UnicodeEncodeError as error:
        raise _NoFormError("lone surrogate") from error


def _read(data: bytes, field: str) -> object:
    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(items)
        if len(found) != len(items):
            twice = next(key for key in found if [name for name, _ in items].count(key) > 1)
            raise Refused("duplicate_key", Place(field), key=twice)
        return found

    def constant(name: str) -> NoReturn:
        raise Refused("not_json", Place(field), why=name)

    try:
        return loads(
            data.decode(), object_pairs_hook=pairs, parse_constant=constant, parse_int=_integer
        )
    except UnicodeDecodeError as error:
        raise Refused("not_utf8", Place(field, byte=error.start + 1)) from error
    except JSONDecodeError as error:
        byte = len(error.doc[: error.pos].encode()) + 1
        raise Refused("not_json", Place(field, byte=byte), why=error.msg) from error
    except (_NoFormError, RecursionError) as error:
        raise Refused("not_canonical", Place(field), why=str(error)) from error


def _integer(digits: str) -> int:
    # Checked before int() is called: a million digits would take it a long time.
    if len(digits) > 17 or abs(int(digits)) > _SAFE_INTEGER:
        raise _NoFormError("integer beyond 2^53")
    return int(digits)


def _write(value: object, depth: int) -> str:
    if depth > MAX_DEPTH:
        raise _NoFormError(f"deeper than {MAX_DEPTH}")
    if isinstance(value, dict):
        return _object(value, depth)
    if isinstance(value, list | tuple):
        return f"[{','.join(_write(each, depth + 1) for each in value)}]"
    return _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return _string(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    raise _NoFormError(f"no JSON form for {type(value).__name__}")


def _object(value: dict[str, object], depth: int) -> str:
    if not all(isinstance(key, str) for key in value):
        raise _NoFormError("a key is no text")
    keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
    members = (f"{_string(key)}:{_write(value[key], depth + 1)}" for key in keys)
    return "{" + ",".join(members) + "}"


def _number(value: float) -> str:
    """Write a double as ECMAScript does (RFC 8785, 3.2.2.3)."""
    if not isfinite(value):
        raise _NoFormError("not a number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    parts = Decimal(repr(abs(value))).as_tuple()
    exponent = int(parts.exponent)
    digits = "".join(map(str, parts.digits))
    point = len(digits) + exponent
    return sign + _place_point(digits.rstrip("0"), point)


def _place_point(digits: str, point: int) -> str:
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{mantissa}e{point - 1:+d}"


def _first_difference(one: Sequence[int], other: Sequence[int]) -> int:
    shared = min(len(one), len(other))
    return next((at for at in range(shared) if one[at] != other[at]), shared) + 1
