"""Jinja's sandbox, in which a template also comes to an end, and does not fill the memory by a slip."""

from collections.abc import Iterable
from typing import Any

from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Node
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

_MOST_STEPS = 100_000  # our own card takes some 200
_LARGEST = 1 << 20


class _Counted(CodeGenerator):
    """Has a template count how often it goes into a loop, a block, a macro or a condition."""

    def blockvisit(self, nodes: Iterable[Node], frame: Frame) -> None:
        self.writeline("environment.step()")
        super().blockvisit(nodes, frame)


class Sandbox(ImmutableSandboxedEnvironment):
    """Limits what a template may take.

    Args:
        is_counted: Whether the steps of all that it renders are counted together, and limited.

    Raises:
        OverflowError: While a template is rendered: the limit that it has reached.
    """

    code_generator_class = _Counted
    intercepted_binops = frozenset({"*", "**"})

    def __init__(self, *, is_counted: bool, **options: Any) -> None:
        super().__init__(**options)
        self._is_counted, self._steps = is_counted, 0

    def step(self) -> None:
        """Called by every template."""
        self._steps += self._is_counted
        if self._steps > _MOST_STEPS:
            raise OverflowError(f"its loops take more than {_MOST_STEPS:,} steps")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply, or raise to a power, what does not become too large by it."""
        if _size(operator, left, right) > _LARGEST:
            raise OverflowError(f"{operator!r} gives more than {_LARGEST:,} characters, items or bits")
        return super().call_binop(context, operator, left, right)


def _size(operator: str, left: Any, right: Any) -> int:
    """How many bits a product or power has, or how many items; 0 for what is always small."""
    if isinstance(left, int) and isinstance(right, int):
        return left.bit_length() * right if operator == "**" else left.bit_length() + right.bit_length()
    for text, times in ((left, right), (right, left)):
        if isinstance(text, str | list | tuple) and isinstance(times, int):
            return len(text) * times
    return 0
