"""Routes whose addresses can be written only once somebody writes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from werkzeug.routing import Rule

if TYPE_CHECKING:
    from collections.abc import Callable


class Address(Rule):
    """A route; the code that writes its address is made when it is first written.

    werkzeug makes it for every route at the start, which takes longer than all the rest of
    building the application, and nearly all routes are only ever read.
    """

    def _compile_builder(self, *how: bool) -> Callable[..., tuple[str, str]]:
        make = super()._compile_builder
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(make(*how))
            return made[0](rule, **values)

        return build
