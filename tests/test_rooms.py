"""Who may import whom: the rooms of the package, and the one rule between them (docs/architecture.md)."""

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = "huggingtweets_hub"
ROOT = Path(__file__).parents[1] / PACKAGE

# What a room may import besides itself, by the beginning of a module's name.
MAY: dict[str, tuple[str, ...]] = {
    "core": (),
    "card": ("core",),
    "hub": ("core",),
    "posts": ("core",),
    "posts.x_api": ("core", "hub.store"),
    "model": ("core", "posts.corpus", "hub.client"),
    "pipeline": ("core", "card", "hub", "posts", "model"),
    "upgrade": ("core", "card", "hub"),
    "batch": ("core", "card", "hub", "posts", "model", "pipeline"),
    "app": ("core", "card", "hub", "posts", "model", "pipeline", "upgrade", "batch"),
    "cli": ("core", "card", "hub", "posts", "model", "pipeline", "upgrade", "batch", "app"),
}
AT_THE_ROOT = {"__init__.py", "__main__.py", "py.typed"}


@dataclass(frozen=True)
class Import:
    """A module of the package that a file imports, and where."""

    file: str
    line: int
    module: str
    imported: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.module} imports {self.imported}"


def modules(root: Path) -> dict[str, Path]:
    """The files of a package by the names of their modules, without the package's own."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(root: Path) -> Iterator[Import]:
    """Every import of the package's own modules, also inside functions and for type checkers alone."""
    known = modules(root)
    for module, path in known.items():
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
                start = [PACKAGE, *filter(None, above)] if node.level else []
                whole = ".".join([*start, *([node.module] if node.module else [])])
                names = [f"{whole}.{alias.name}" for alias in node.names]
            else:
                continue
            for name in names:
                if name == PACKAGE or name.startswith(f"{PACKAGE}."):
                    inside = name.removeprefix(PACKAGE).removeprefix(".")
                    while inside and inside not in known:
                        inside = inside.rpartition(".")[0]
                    yield Import(str(path.relative_to(root.parent)), node.lineno, module, inside)


def rule_of(module: str) -> str | None:
    """The entry of the table that a module goes by: that of its folder, else of its room."""
    fitting = [room for room in MAY if module == room or module.startswith(f"{room}.")]
    return max(fitting, key=len, default=None)


def is_allowed(found: Import) -> bool:
    room = found.module.split(".")[0]
    if room not in MAY or found.imported.split(".")[0] == room:
        return True
    rule = MAY[rule_of(found.module) or room]
    return any(found.imported == may or found.imported.startswith(f"{may}.") for may in rule)


def violations(root: Path) -> list[str]:
    """What is wrong with a package, each with its file, line and rule."""
    wrong = [
        f"{path.relative_to(root.parent)}: the room {module.split('.')[0]!r} does not stand in the table"
        for module, path in modules(root).items()
        if module not in ("", "__main__") and module.split(".")[0] not in MAY
    ]
    for found in imports(root):
        room = found.module.split(".")[0]
        if not found.imported:
            if found.module not in ("", "__main__"):
                wrong.append(f"{found}the package itself: import the module that holds the name")
        elif not is_allowed(found):
            rule = MAY[rule_of(found.module) or room]
            wrong.append(
                f"{found}, but {rule_of(found.module)} may import {', '.join(rule) or 'nothing'} only"
            )
        elif found.imported.startswith("cli") and room != "cli" and found.module not in ("", "__main__"):
            wrong.append(f"{found}, but nobody may import cli")
    return wrong + circles(root)


def circles(root: Path) -> list[str]:
    """Modules that import each other when they are loaded; what stands in a function comes later."""
    arrows: dict[str, set[str]] = {}
    every = list(imports(root))
    for module, path in modules(root).items():
        top = ast.parse(path.read_text("utf-8"))
        late = {
            node.lineno
            for outer in ast.walk(top)
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
            or (isinstance(outer, ast.If) and "TYPE_CHECKING" in ast.dump(outer.test))
            for node in ast.walk(outer)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        arrows[module] = {
            found.imported
            for found in every
            if found.module == module
            and found.line not in late
            and found.imported not in ("", module)
            # A folder's face imports what it exports.
            and not (path.name == "__init__.py" and found.imported.startswith(f"{module}."))
        }
    found_circles = []
    done: set[str] = set()

    def walk(module: str, way: list[str]) -> None:
        if module in way:
            found_circles.append(f"a circle: {' -> '.join([*way[way.index(module) :], module])}")
        elif module not in done:
            for other in sorted(arrows.get(module, ())):
                walk(other, [*way, module])
            done.add(module)

    for module in sorted(arrows):
        walk(module, [])
    return found_circles


def test_every_import_keeps_to_the_rule() -> None:
    assert violations(ROOT) == []


def test_nothing_else_stands_at_the_root() -> None:
    files = {path.name for path in ROOT.iterdir() if path.is_file()}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"__pycache__"}
    assert files == AT_THE_ROOT and folders == {room for room in MAY if "." not in room}


def test_a_face_only_exports() -> None:
    for module, path in modules(ROOT).items():
        if path.name != "__init__.py" or not module:
            continue
        doc, *body = ast.parse(path.read_text("utf-8")).body
        assert isinstance(doc, ast.Expr), f"{path} has no docstring"
        for node in body:
            is_all = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            assert isinstance(node, ast.ImportFrom) or is_all, f"{path}:{node.lineno} does more than export"


@pytest.mark.parametrize(
    ("where", "line", "rule"),
    [
        ("card/page.py", "from huggingtweets_hub.hub import client", "card may import core only"),
        ("card/page.py", "def f():\n    import huggingtweets_hub.hub.client", "card may import core only"),
        ("card/page.py", "from ..hub.client import ask", "card may import core only"),
        (
            "card/page.py",
            "if TYPE_CHECKING:\n    from huggingtweets_hub import hub",
            "card may import core only",
        ),
        ("core/names.py", "from huggingtweets_hub.card.page import page", "core may import nothing only"),
        ("posts/file.py", "from huggingtweets_hub.hub import store", "posts may import core only"),
        ("posts/x_api/source.py", "from huggingtweets_hub.hub import client", "posts.x_api may import"),
        ("model/loss.py", "from huggingtweets_hub.posts import file", "model may import core, posts.corpus"),
        ("hub/client.py", "from huggingtweets_hub import publish", "the package itself"),
        ("batch/run.py", "from huggingtweets_hub.cli import main", "batch may import"),
        ("utils/strings.py", "", "the room 'utils' does not stand in the table"),
        ("core/names.py", "from huggingtweets_hub.core import errors", "a circle: core.errors -> core.names"),
    ],
)
def test_a_breach_is_named_with_its_place(tmp_path: Path, where: str, line: str, rule: str) -> None:
    root = tmp_path / PACKAGE
    for name in (
        "card/page",
        "hub/client",
        "hub/store",
        "posts/file",
        "core/errors",
        "cli/__init__",
        "hub/__init__",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / f"{name}.py").write_text("")
    (root / "__init__.py").write_text("")
    (root / "core/errors.py").write_text("from huggingtweets_hub.core import names\n")
    (root / where).parent.mkdir(parents=True, exist_ok=True)
    (root / "core/names.py").write_text("")
    assert violations(root) == []
    (root / where).write_text(textwrap.dedent(line))
    (found,) = violations(root)
    assert rule in found
    if "circle" not in rule and "table" not in rule:
        assert f"{PACKAGE}/{where}:" in found
