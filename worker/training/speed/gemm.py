"""What ONNX Runtime gets out of one core of this processor in a product of two matrices, in float32 and in 8 bits."""

from __future__ import annotations

import time
from typing import Literal

import numpy as np
import onnxruntime

Kind = Literal["float32", "8 bits"]

_SIDE = 512
_ROUNDS, _PRODUCTS = 7, 4
_IR_VERSION, _OPERATORS = 8, 13
_FLOAT, _UINT8, _INT8, _INT32 = 1, 2, 3, 6
"""Element types as ONNX numbers them."""

_TYPES = {"float32": (_FLOAT, _FLOAT, _FLOAT), "8 bits": (_UINT8, _INT8, _INT32)}
_NAMES = {"float32": "MatMul", "8 bits": "MatMulInteger"}


def multiply_adds_a_second(kind: Kind) -> float:
    """The best of a few rounds, by processor time: what other work on the machine takes away is left out."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(_product(kind), options, ["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    bytes_ = (rng.integers(0, 200, (_SIDE, _SIDE)), rng.integers(-100, 100, (_SIDE, _SIDE)))
    first, second = (np.float32, np.float32) if kind == "float32" else (np.uint8, np.int8)
    feeds = {"a": bytes_[0].astype(first), "b": bytes_[1].astype(second)}
    session.run(None, feeds)
    seconds = []
    for _ in range(_ROUNDS):
        begun = time.thread_time()
        for _ in range(_PRODUCTS):
            session.run(None, feeds)
        seconds.append((time.thread_time() - begun) / _PRODUCTS)
    return float(_SIDE**3 / min(seconds))


def _product(kind: Kind) -> bytes:
    """An ONNX model of one product, written field by field: the package that writes such files is not installed."""
    left, right, result = _TYPES[kind]
    node = _text(1, "a") + _text(1, "b") + _text(2, "c") + _text(4, _NAMES[kind])
    values = _message(11, _value("a", left)) + _message(11, _value("b", right)) + _message(12, _value("c", result))
    graph = _message(1, node) + _text(2, "product") + values
    return _number(1, _IR_VERSION) + _message(7, graph) + _message(8, _text(1, "") + _number(2, _OPERATORS))


def _value(name: str, kind: int) -> bytes:
    shape = _message(1, _number(1, _SIDE)) * 2
    return _text(1, name) + _message(2, _message(1, _number(1, kind) + _message(2, shape)))


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())


def _message(field: int, data: bytes) -> bytes:
    """A field of bytes in the wire format of Protocol Buffers."""
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*parts, value))
