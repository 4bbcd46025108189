"""Where templates come from. One of a user's own reads nothing but `.jinja` files of its own folder."""

import functools
import hashlib
import importlib.resources
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from huggingtweets_hub.card import escaping
from huggingtweets_hub.core import files, serialization
from huggingtweets_hub.core.errors import TemplateError
from huggingtweets_hub.core.names import expanded
from huggingtweets_hub.core.spelling import nearest

if TYPE_CHECKING:
    import jinja2
    from jinja2 import nodes

Template = Literal["default", "classic"]
TEMPLATES: dict[str, str] = {"default": "model_card.md.jinja", "classic": "classic_card.md.jinja"}
ENDING = ".jinja"
_LARGEST = 1 << 20
_RULE = (
    f"A template reads files that end in {ENDING} and lie in its own folder or below: no links, no names "
    f"that begin with a dot, {_LARGEST >> 20} MiB at most."
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A template that can be rendered.

    Attributes:
        sources: What it has read, by name, ours included; while it is rendered, more may come in.
    """

    template: "jinja2.Template"
    sources: Mapping[str, bytes]


def load(template: str | Path) -> Loaded:
    """A template of ours by its word, or one of the user's own by its path.

    Raises:
        TemplateError: There is no such file, or it is not one that may be read; or a part of it would be
            left out of every card.
    """
    if str(template) in TEMPLATES:
        return Loaded(_ours().get_template(TEMPLATES[str(template)]), {})
    path = expanded(template)
    if not os.path.isfile(path):
        raise TemplateError(
            f"There is no template {str(template)!r}.",
            f"Use {' or '.join(TEMPLATES)}, or the path of a Jinja file.",
        )
    if path.suffix != ENDING:
        raise TemplateError(
            f"The template {str(template)!r} does not end in {ENDING}.",
            f"Rename it, for instance to {path.stem}.md{ENDING}.",
        )
    sources: dict[str, bytes] = {}
    environment = _environment(Path(os.path.realpath(path.parent)), sources)
    _require_nothing_lost(environment, path.name)
    return Loaded(environment.get_template(path.name), sources)


def digest(template: str | Path, sources: Mapping[str, bytes]) -> str:
    """Changes with the template, and with all else that was read to render it."""
    if str(template) in TEMPLATES:
        named = [(folder() / name).read_bytes() for name in sorted(TEMPLATES.values())]
        return hashlib.sha256(b"\0".join([str(template).encode(), *named])).hexdigest()
    return serialization.digest({name: files.sha256(content) for name, content in sources.items()})


def folder() -> Path:
    """Our templates: inside the installed package, or at the top of a checkout."""
    packaged = Path(str(importlib.resources.files("huggingtweets_hub"))) / "templates"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "templates"


@functools.cache
def _ours() -> "jinja2.Environment":
    return _environment(None, {})


def _environment(own: Path | None, sources: dict[str, bytes]) -> "jinja2.Environment":
    """One for our templates and, if given, a user's own folder; what is read is added to the sources.

    A misspelt variable is an error, the final newline is kept, and values are never template source.
    What somebody else may have written is rendered in a sandbox.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    from huggingtweets_hub.card.sandbox import Sandbox

    def read(name: str) -> tuple[str, str, None] | None:
        content = _read_own(own, name) if own else None
        if content is None and name in TEMPLATES.values():
            content = (folder() / name).read_bytes()
        if content is None:
            return None
        sources[name] = content
        try:
            return content.decode("utf-8-sig"), name, None
        except UnicodeDecodeError as error:
            raise TemplateError(f"The template {name!r} is not UTF-8.", "Save it as UTF-8.") from error

    environment = (Sandbox if own else Environment)(
        loader=FunctionLoader(read),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_compiled() if own else None,
    )
    environment.filters.update(escaping.FILTERS)
    return environment


@functools.cache
def _compiled() -> "jinja2.BytecodeCache":
    """What Jinja has made of a template of this name: to make it again takes longer than to render it."""
    from jinja2 import BytecodeCache
    from jinja2.bccache import Bucket

    kept: dict[str, tuple[str, Any]] = {}

    class Compiled(BytecodeCache):
        def load_bytecode(self, bucket: Bucket) -> None:
            checksum, code = kept.get(bucket.key, ("", None))
            bucket.code = code if checksum == bucket.checksum else None

        def dump_bytecode(self, bucket: Bucket) -> None:
            kept[bucket.key] = bucket.checksum, bucket.code

    return Compiled()


@functools.lru_cache(maxsize=8)
def _parsed(name: str, source: str) -> "nodes.Template":
    return _ours().parse(source, name)


def _read_own(own: Path, name: str) -> bytes | None:
    """A file of a user's folder; None where there is none, which `ignore missing` may pass over."""
    parts = name.split("/")
    if any(part.startswith(".") or part != os.path.basename(part) or not part for part in parts):
        raise _unreadable(name, "its name leads elsewhere, or to what is hidden")
    if not name.endswith(ENDING):
        meant = f"; did you mean {TEMPLATES[name]!r}?" if name in TEMPLATES else ""
        raise _unreadable(name, f"it does not end in {ENDING}{meant}")
    path = own.joinpath(*parts)
    if Path(os.path.realpath(path)) != path:
        raise _unreadable(name, "it is a link, or lies behind one")
    try:
        return files.read_whole(path, _LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(name, str(getattr(error, "strerror", None) or error)) from error


def _unreadable(name: str, why: str) -> TemplateError:
    return TemplateError(
        f"The template's file {name!r} cannot be read: {why}{'' if why.endswith('?') else '.'}", _RULE
    )


# --- what no card would show -----------------------------------------------------------------------


def _require_nothing_lost(environment: "jinja2.Environment", name: str) -> None:
    """Make sure that a template that extends another only fills blocks that are there.

    What stands outside of them would never be seen.

    Raises:
        TemplateError: All that would be left out, with its line.
    """
    chain = _chain(environment, name)
    lost = []
    for level, (child, tree) in enumerate(chain[:-1]):
        above, known = (
            chain[level + 1][0],
            {block for _, other in chain[level + 1 :] for block in _blocks(other)},
        )
        lost += [(f"{child} line {line}", what) for line, what in _lost(tree, above, known)]
    if lost:
        raise TemplateError.of_findings(
            f"The template {name}, of which a part would be on no card,",
            lost,
            "Name blocks as docs/cards.md does, and put what the card is to show into one.",
        )


def _chain(environment: "jinja2.Environment", name: str) -> list[tuple[str, "nodes.Template"]]:
    """A template, the one that it extends, and so on, as far as that can be told before it is rendered."""
    from jinja2 import nodes

    chain: list[tuple[str, nodes.Template]] = []
    while True:
        if name in (known for known, _ in chain):
            way = " → ".join([*(known for known, _ in chain), name])
            raise TemplateError(f"The template extends itself: {way}.", "Extend another one.")
        source, _, _ = cast(Any, environment.loader).get_source(environment, name)
        tree = _parsed(name, source)
        chain.append((name, tree))
        extended = [node.template for node in tree.body if isinstance(node, nodes.Extends)]
        if len(extended) != 1 or not isinstance(extended[0], nodes.Const):
            return chain
        name = str(extended[0].value)


def _blocks(tree: "nodes.Template") -> set[str]:
    from jinja2 import nodes

    return {block.name for block in tree.find_all(nodes.Block)}


def _lost(tree: "nodes.Template", above: str, known: set[str]) -> Iterator[tuple[int, str]]:
    """What would be left out of a template that extends another: its line, and what it is."""
    from jinja2 import nodes

    for node in _outside(tree):
        if isinstance(node, nodes.Block):
            if node.name not in known:
                near = nearest(node.name, known)
                hint = f"Did you mean {near!r}?" if near else f"It has {', '.join(sorted(known))}."
                yield node.lineno, f"{above} has no block {node.name!r}. {hint}"
        elif what := _shown(node):
            yield node.lineno, f"{what!r:.60} is outside all blocks."


def _outside(node: "nodes.Node") -> Iterator["nodes.Node"]:
    """The outermost blocks, and the output outside of them that comes after `extends`."""
    from jinja2 import nodes

    has_begun = not isinstance(node, nodes.Template)
    for inner in node.iter_child_nodes():
        has_begun |= isinstance(inner, nodes.Extends)
        if isinstance(inner, nodes.Block):
            yield inner
        elif isinstance(inner, nodes.Output):
            if has_begun:
                yield inner
        elif not isinstance(inner, nodes.Macro | nodes.AssignBlock | nodes.Expr):
            yield from _outside(inner)


def _shown(node: "nodes.Node") -> str:
    """What an output would show: its text, or `{{ … }}` for a value; nothing for blanks."""
    from jinja2 import nodes

    parts = (
        part.data if isinstance(part, nodes.TemplateData) else "{{ … }}" for part in node.iter_child_nodes()
    )
    return " ".join("".join(parts).split())
