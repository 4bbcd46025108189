"""Jinja's sandbox, in which a template also comes to an end, and does not fill the memory by a slip."""

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any

from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Concat, Node
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import generate_lorem_ipsum

_MOST_STEPS = 100_000  # our own card takes some 200
_LARGEST = 1 << 20
_BY_NUMBER = frozenset(
    {"batch", "center", "expandtabs", "indent", "ljust", "rjust", "slice", "to_bytes", "zfill"}
)
"""Filters and methods that give as much as a number says."""
_LONGEST_WORD = 13  # of lipsum, with what stands behind it
_FORMAT = re.compile(r"%(?:%|(?:\([^()]*\))?([-+ #.0-9]*))")  # with its width; %% is a percent sign
_FIELD = re.compile(r"\{[^{}]*:([^{}]*)")  # of `str.format`, with its width


class _Counted(CodeGenerator):
    """Has a template count its steps into loops, blocks, macros and conditions, and measure its `~`."""

    def blockvisit(self, nodes: Iterable[Node], frame: Frame) -> None:
        self.writeline("environment.step()")
        super().blockvisit(nodes, frame)

    def visit_Concat(self, node: Concat, frame: Frame) -> None:
        self.write("environment.limited(")
        super().visit_Concat(node, frame)
        self.write(", \"'~'\")")


class Sandbox(ImmutableSandboxedEnvironment):
    """Limits what a template may take; the steps of all that it renders are counted together.

    Raises:
        OverflowError: While a template is rendered: the limit that it has reached.
    """

    code_generator_class = _Counted
    intercepted_binops = frozenset({"*", "**", "+", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(finalize=self.limited, **options)
        self.filters = {name: self._limiting(name, work) for name, work in self.filters.items()}
        self.globals["lipsum"] = _lipsum
        self._steps = 0

    def step(self) -> None:
        """Called by every template."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise OverflowError(f"its loops take more than {_MOST_STEPS:,} steps")

    def limited(self, value: Any, made_by: str = "it") -> Any:
        """A value that is joined or shown, unless it is too large."""
        if isinstance(value, str | list | tuple):
            _require_small(len(value), made_by)
        return value

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what does not give too much."""
        name = getattr(obj, "__name__", "")
        made_by = repr(name) if name else "it"
        size, text = _size_of_call(name, (*args, *kwargs.values())), getattr(obj, "__self__", None)
        if isinstance(text, str) and name in ("format", "format_map"):
            size = _widest(_FIELD, text.replace("{{", ""))
        _require_small(size, made_by)
        return self.limited(super().call(context, obj, *args, **kwargs), made_by)

    def _limiting(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The filter, unless it gives too much."""

        @functools.wraps(work)  # with what tells Jinja to pass it more than is written
        def limited(*args: Any, **kwargs: Any) -> Any:
            size = _size("%", args[0], None) if name == "format" else 0
            _require_small(size or _size_of_call(name, (*args[1:], *kwargs.values())), repr(name))
            return self.limited(work(*args, **kwargs), repr(name))

        return limited

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Compute what does not become too large by it."""
        _require_small(_size(operator, left, right), repr(operator))
        return self.limited(super().call_binop(context, operator, left, right), repr(operator))


def _require_small(size: int, made_by: str) -> None:
    if size > _LARGEST:
        raise OverflowError(f"{made_by} gives more than {_LARGEST:,} characters, items or bits")


def _lipsum(n: int = 5, html: bool = True, min: int = 20, max: int = 100) -> str:
    """Jinja's, as long as it is short."""
    _require_small(n * max * _LONGEST_WORD, "'lipsum'")
    return generate_lorem_ipsum(n, html, min, max)


def _size_of_call(name: str, given: Iterable[Any]) -> int:
    """How many characters or items a filter or method gives, as far as a number says it; else 0."""
    return max((value for value in given if isinstance(value, int)), default=0) if name in _BY_NUMBER else 0


def _widest(form: re.Pattern[str], text: str) -> int:
    """The largest number in the format codes of a text."""
    return max(map(int, re.findall("[0-9]+", " ".join(form.findall(text)))), default=0)


def _size(operator: str, left: Any, right: Any) -> int:
    """How many bits a product or power has, or how many items, as far as it is known before; else 0."""
    if operator == "%" and isinstance(left, str):
        return _widest(_FORMAT, left)
    if operator in "+%":
        return 0
    if isinstance(left, int) and isinstance(right, int):
        return left.bit_length() * right if operator == "**" else left.bit_length() + right.bit_length()
    for text, times in ((left, right), (right, left)):
        if isinstance(text, str | list | tuple) and isinstance(times, int):
            return len(text) * times
    return 0
