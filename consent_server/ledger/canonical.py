"""The one way a value becomes the bytes that are hashed: canonical JSON (RFC 8785)."""

import rfc8785


class NotCanonicalError(ValueError):
    """The value has no canonical JSON form: another reader would hash other bytes."""


def canonical_bytes(value: object) -> bytes:
    """Give the canonical JSON of this value; raises NotCanonicalError when it has none."""
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]
    except RecursionError as error:
        raise NotCanonicalError("nested too deeply") from error
    except UnicodeEncodeError as error:
        # The library sorts keys by UTF-16 before it checks them: a lone surrogate
        # in a key escapes its own error.
        raise NotCanonicalError("a key holds a lone surrogate") from error
    except rfc8785.CanonicalizationError as error:
        raise NotCanonicalError(str(error)) from error
