"""Fills `${NAME}` in web addresses, so that one file can serve several installations."""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


class UnknownVariableError(ValueError):
    """The file names a variable that was not given."""


def resolve(value: str, variables: Mapping[str, str]) -> str:
    """Put the value of each variable in its place; an unknown one is refused."""

    def given(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in variables:
            known = ", ".join(sorted(variables)) or "none"
            raise UnknownVariableError(
                f"the variable `{name}` is not known here; known: {known}"
            )
        return variables[name]

    return _VARIABLE.sub(given, value)
