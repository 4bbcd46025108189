"""A decoder as an ONNX graph, written node by node, as transformers.js feeds it.

Matrices are multiplied in whole numbers of 8 bits: on the one thread of a browser's WebAssembly, the
operators for fewer bits (MatMulNBits) unpack every weight for every token, which takes eight times as long.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from onnx import ModelProto

    Array = np.ndarray[Any, Any]

_OPSET, _IR = 21, 10
_CONTRIB = "com.microsoft"
_STEPS = 127.0
"""Of a whole number of 8 bits, on either side of zero."""


class Graph:
    """An ONNX graph in the making; every method gives the name of what it computes.

    Args:
        whole_numbers: Store matrices in 8 bits and multiply them so; otherwise everything is in float32.
    """

    def __init__(self, *, whole_numbers: bool) -> None:
        self._whole = whole_numbers
        self._nodes: list[Any] = []
        self._stored: dict[str, Any] = {}
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def node(self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **settings: Any) -> str:
        """Add a node; its first output. Others are that name with `:1` and so on."""
        from onnx import helper

        name = f"{kind}_{len(self._nodes)}"
        names = [name, *(f"{name}:{number}" for number in range(1, outputs))]
        self._nodes.append(helper.make_node(kind, list(inputs), names, name=name, domain=domain, **settings))
        return name

    def named(self, value: str, name: str, kind: str, shape: list[str | int]) -> None:
        """Make a value an output of the graph."""
        from onnx import TensorProto, helper

        self._nodes.append(helper.make_node("Identity", [value], [name], name=f"{name}_named"))
        self._outputs.append(helper.make_tensor_value_info(name, TensorProto.DataType.Value(kind), shape))

    def input(self, name: str, kind: str, shape: list[str | int]) -> str:
        """Add an input of the graph."""
        from onnx import TensorProto, helper

        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.DataType.Value(kind), shape))
        return name

    def stored(self, name: str, array: "Array") -> str:
        """Keep numbers in the file; once, however often they are asked for."""
        from onnx import numpy_helper

        if name not in self._stored:
            self._stored[name] = numpy_helper.from_array(array, name)
        return name

    def number(self, value: float | int, kind: str = "float32") -> str:
        """A single number."""
        import numpy as np

        return self.stored(f"{kind}:{value}", np.array(value, kind))

    def numbers(self, *values: int) -> str:
        """A few numbers that say a shape or axes."""
        import numpy as np

        return self.stored(f"shape:{values}", np.array(values, "int64"))

    def linear(self, x: str, name: str, matrix: "Array", bias: "Array | None" = None) -> str:
        """Multiply by a matrix of (into, out of), and add a bias.

        Each token is quantised by itself: the first of a text has values far above those of the others.
        """
        y = (
            self._whole_linear(x, name, matrix)
            if self._whole
            else self.node("MatMul", x, self.stored(name, matrix))
        )
        return y if bias is None else self.node("Add", y, self.stored(f"{name}.bias", bias))

    def looked_up(self, ids: str, name: str, matrix: "Array") -> str:
        """The columns of a matrix of (width, words) for some words: the one that `linear` multiplies with."""
        if not self._whole:
            found = self.node("Gather", self.stored(name, matrix), ids, axis=1)
            return self.node("Transpose", found, perm=[1, 2, 0])
        self._store_whole(name, matrix)
        found = self.node("Cast", self.node("Gather", name, ids, axis=1), to=1)
        found = self.node("Sub", found, self.number(128.0))
        scales = self.node("Gather", f"{name}.scale", ids)
        return self.node("Transpose", self.node("Mul", found, scales), perm=[1, 2, 0])

    def _whole_linear(self, x: str, name: str, matrix: "Array") -> str:
        """What 8 bits cannot hold of x goes along as further rows: 16 bits for little more time than 8."""
        self._store_whole(name, matrix)
        largest = self.node("ReduceMax", self.node("Abs", x), self.numbers(-1), keepdims=1)
        scale = self.node("Div", self.node("Max", largest, self.number(1e-20)), self.number(_STEPS))
        zero = self.number(128, "uint8")
        scaled = self.node("Div", x, scale)
        coarse = self.node("QuantizeLinear", scaled, self.number(1.0), zero)
        rest = self.node("Sub", scaled, self.node("DequantizeLinear", coarse, self.number(1.0), zero))
        fine = self.node("QuantizeLinear", rest, self.number(0.5 / _STEPS), zero)
        both = self.node("MatMulInteger", self.node("Concat", coarse, fine, axis=1), name, zero, zero)
        product = self.node("Split", self.node("Cast", both, to=1), outputs=2, axis=1, num_outputs=2)
        product = self.node("Add", product, self.node("Mul", f"{product}:1", self.number(0.5 / _STEPS)))
        return self.node("Mul", self.node("Mul", product, scale), f"{name}.scale")

    def _store_whole(self, name: str, matrix: "Array") -> None:
        import numpy as np

        if name in self._stored:
            return
        scales = np.maximum(np.abs(matrix).max(axis=0), 1e-20).astype(np.float32) / _STEPS
        # Without a sign: signed ones overflow 16 bits on x86 processors that lack VNNI, and nothing tells.
        self.stored(name, (np.rint(matrix / scales) + 128).astype(np.uint8))
        self.stored(f"{name}.scale", scales)

    def attention(
        self, packed: str, layer: int, shared: Mapping[str, str], numbers: Mapping[str, int], *, rotary: bool
    ) -> str:
        """Queries, keys and values of a layer, packed in this order, to what its heads say."""
        shape: list[str | int] = ["batch_size", numbers["kv_heads"], "past_length", numbers["width"]]
        past = [self.input(f"past_key_values.{layer}.{kind}", "FLOAT", shape) for kind in ("key", "value")]
        parts = [packed, "", ""]
        if rotary:  # apart: inside the operator, padding would move the tokens that are written
            sizes = [numbers["width"] * numbers[name] for name in ("heads", "kv_heads", "kv_heads")]
            split = self.node("Split", packed, self.numbers(*sizes), outputs=3, axis=-1)
            by = (shared["positions"], shared["cos"], shared["sin"])
            turned = [
                self.node("RotaryEmbedding", part, *by, domain=_CONTRIB) for part in (split, f"{split}:1")
            ]
            parts = [*turned, f"{split}:2"]
        found = self.node(
            "GroupQueryAttention", *parts, *past, shared["lengths"], shared["total"], "", "", "",
            shared["bias"], outputs=3, domain=_CONTRIB,
            num_heads=numbers["heads"], kv_num_heads=numbers["kv_heads"],
        )  # fmt: skip
        shape = ["batch_size", numbers["kv_heads"], "total_length", numbers["width"]]
        for number, kind in enumerate(("key", "value"), 1):
            self.named(f"{found}:{number}", f"present.{layer}.{kind}", "FLOAT", shape)
        return found

    def model(self, title: str) -> "ModelProto":
        """The whole as a model."""
        from onnx import helper

        outputs = [*self._outputs[-1:], *self._outputs[:-1]]  # the logits in front, as others have it
        graph = helper.make_graph(self._nodes, title, self._inputs, outputs, list(self._stored.values()))
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIB, 1)]
        return helper.make_model(
            graph, opset_imports=opsets, ir_version=_IR, producer_name="huggingtweets_hub"
        )
