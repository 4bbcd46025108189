"""Jinja's sandbox, in which a template also comes to an end, and does not fill the memory by a slip."""

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Concat, Node
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedFormatter
from jinja2.utils import generate_lorem_ipsum

_MOST_STEPS = 100_000  # our own card takes some 200
_LARGEST = 1 << 20
_LONGEST_WORD = 13  # of lipsum, with what stands behind it
_CONVERSION = re.compile(  # of `%`: its width, its precision and its kind
    r"%(?:\([^()]*\))?[-+ #0]*(\*|[0-9]*)(?:\.(\*|[0-9]*))?[hlL]?(.)", re.DOTALL
)


def _once(_: Any) -> int:
    return 1


def _depth(value: Any) -> int:
    """How many levels the lines of a value are indented by as JSON, added up."""
    one, none = (len(json.dumps(value, indent=n, default=str)) for n in (1, 0))
    return one - none


_BY_NUMBER: Mapping[str, tuple[str, Callable[[Any], int]]] = {
    "batch": ("linecount", _once),
    "center": ("width", _once),
    "expandtabs": ("tabsize", lambda text: str(text).count("\t")),
    "indent": ("width", lambda text: str(text).count("\n") + 1),
    "ljust": ("width", _once),
    "rjust": ("width", _once),
    "slice": ("slices", _once),
    "to_bytes": ("length", _once),
    "tojson": ("indent", _depth),
    "zfill": ("width", _once),
}
"""Filters and methods that give as much as a number says: its name, and how often it counts in a value."""


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
        _require_small(_size_of_call(name, getattr(obj, "__self__", None), args, kwargs), made_by)
        return self.limited(super().call(context, obj, *args, **kwargs), made_by)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Jinja's own `str.format` and `str.format_map`, for fields that are not too wide."""
        formatted = super().wrap_str_format(value)
        if formatted is None:
            return None

        @functools.wraps(formatted)
        def measured(*args: Any, **kwargs: Any) -> str:
            is_map = value.__name__ == "format_map" and len(args) == 1
            _Measured(self).vformat(value.__self__, *(((), args[0]) if is_map else (args, kwargs)))
            return formatted(*args, **kwargs)

        return measured

    def _limiting(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The filter, unless it gives too much."""
        passed = 1 if hasattr(work, "jinja_pass_arg") else 0

        @functools.wraps(work)  # with what tells Jinja to pass it more than is written
        def limited(*args: Any, **kwargs: Any) -> Any:
            value, given = args[passed], args[passed + 1 :]
            size = _size("%", value, given or kwargs) if name == "format" else 0
            _require_small(size or _size_of_call(name, value, given, kwargs), repr(name))
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


class _Measured(SandboxedFormatter):
    """Refuses fields of `str.format` that are too wide, also where the width is a field itself."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        """The field."""
        _require_small(max(map(int, re.findall("[0-9]+", format_spec)), default=0), "'format'")
        return super().format_field(value, format_spec)


def _size_of_call(name: str, value: Any, given: Sequence[Any], named: Mapping[str, Any]) -> int:
    """How many characters or items a filter or method gives, as far as it is known before; else 0."""
    if name == "replace" and isinstance(value, str) and len(given) > 1:
        old, new = map(str, given[:2])
        return value.count(old) * len(new)
    if name not in _BY_NUMBER:
        return 0
    keyword, times = _BY_NUMBER[name]
    number = named.get(keyword, given[0] if given else None)
    number = len(number) if isinstance(number, str) else number
    return number * times(value) if isinstance(number, int) else 0


def _widest(text: str, given: Any) -> int:
    """The largest width or precision in the `%` codes of a text; `*` takes it from what is given."""
    values = iter(given if isinstance(given, tuple) else (given,))
    widest = 0
    for *numbers, kind in _CONVERSION.findall(text):
        for number in numbers:
            width = next(values, 0) if number == "*" else number
            widest = max(widest, int(width or 0) if isinstance(width, int | str) else 0)
        if kind != "%":
            next(values, None)
    return widest


def _size(operator: str, left: Any, right: Any) -> int:
    """How many bits a product or power has, or how many items, as far as it is known before; else 0."""
    if operator == "%" and isinstance(left, str):
        return _widest(left, right)
    if operator in "+%":
        return 0
    if isinstance(left, int) and isinstance(right, int):
        return left.bit_length() * right if operator == "**" else left.bit_length() + right.bit_length()
    for text, times in ((left, right), (right, left)):
        if isinstance(text, str | bytes | list | tuple) and isinstance(times, int):
            return len(text) * times
    return 0
