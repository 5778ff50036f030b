"""The one way a value becomes the bytes that are hashed: canonical JSON (RFC 8785)."""

import rfc8785

_UNSAFE = 2.0**53
_EXPONENT = 1e21
"""From here on a number is written with an exponent, and read back as it was."""


class NotCanonicalError(ValueError):
    """The value has no canonical JSON form: another reader would hash other bytes."""


def canonical_bytes(value: object) -> bytes:
    """Give the canonical JSON of this value; raises NotCanonicalError when it has none."""
    try:
        _refuse_wide_floats(value)
        return rfc8785.dumps(value)  # type: ignore[arg-type]
    except RecursionError as error:
        raise NotCanonicalError("nested too deeply") from error
    except UnicodeEncodeError as error:
        # The library sorts keys by UTF-16 before it checks them: a lone surrogate
        # in a key escapes its own error.
        raise NotCanonicalError("a key holds a lone surrogate") from error
    except rfc8785.CanonicalizationError as error:
        raise NotCanonicalError(str(error)) from error


def _refuse_wide_floats(value: object) -> None:
    """Refuse a float that would be written as an integer no strict reader takes back."""
    if isinstance(value, float) and _UNSAFE <= abs(value) < _EXPONENT:
        raise NotCanonicalError(f"{value} is beyond the integers that JSON keeps exactly")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            _refuse_wide_floats(each)
