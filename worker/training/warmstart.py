"""Takes a shipped model up again where no checkpoint of its training is left: ONNX weights → a network that can learn.

The export folds each batch normalization into the convolution before it. Here it is unfolded: the normalization gets
the statistics of some batches, and the scale and shift that undo them, so that the network computes what it did.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

_WEIGHTED = ("Conv", "Gemm")


class UnlikeModelError(ValueError):
    """The model's layers are not those of the network."""


Layer: TypeAlias = nn.Conv1d | nn.Conv2d | nn.Linear


def load_shipped(path: Path, network: nn.Module, batches: Iterable[Tensor]) -> None:
    """Give `network` the weights of the model at `path`; `batches` are inputs as it is trained on.

    Linear layers depend on the size of the input: where that has changed, they begin anew. Raises UnlikeModelError for
    a model of another architecture. Leaves the network in evaluation mode.
    """
    network.eval()
    planes = list(batches)
    layers = _layers_in_order(network, planes[0][:1])
    graph = onnx.load(str(path)).graph
    stored = {each.name: torch.from_numpy(numpy_helper.to_array(each).copy()) for each in graph.initializer}
    # Weights that are equal are stored once, and named again.
    stored |= {node.output[0]: stored[node.input[0]] for node in graph.node if node.op_type == "Identity"}
    nodes = [node for node in graph.node if node.op_type in _WEIGHTED]
    if len(nodes) != len(layers):
        raise UnlikeModelError(f"{path.name} has {len(nodes)} layers with weights, the network {len(layers)}")
    with torch.no_grad():
        for node, (layer, norm) in zip(nodes, layers, strict=True):
            weight, bias = (stored[name] for name in node.input[1:3])
            if weight.shape == layer.weight.shape:
                layer.weight.copy_(weight)
                (layer if norm is None else norm).bias.copy_(bias)
            elif not isinstance(layer, nn.Linear):
                raise UnlikeModelError(f"{path.name}: {tuple(weight.shape)} is not {tuple(layer.weight.shape)}")
    _restore_norms([norm for _, norm in layers if norm is not None], network, planes)


def _layers_in_order(network: nn.Module, planes: Tensor) -> list[tuple[Layer, nn.BatchNorm2d | None]]:
    """The layers with weights as the network runs through them, each with the normalization that follows it."""
    ran: list[nn.Module] = []
    kinds = (nn.Conv1d, nn.Conv2d, nn.Linear, nn.BatchNorm2d)
    hooks = [
        module.register_forward_hook(lambda module, *_: ran.append(module))
        for module in network.modules()
        if isinstance(module, kinds)
    ]
    with torch.no_grad():
        network(planes)
    for hook in hooks:
        hook.remove()
    following = [*ran[1:], None]
    return [
        (layer, after if isinstance(after, nn.BatchNorm2d) else None)
        for layer, after in zip(ran, following, strict=True)
        if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Linear)
    ]


def _restore_norms(norms: list[nn.BatchNorm2d], network: nn.Module, planes: list[Tensor]) -> None:
    """Give each normalization the mean and variance of what it gets, and make it undo them."""
    sums = {norm: [torch.zeros(norm.num_features), torch.zeros(norm.num_features)] for norm in norms}

    def gather(norm: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        for total, power in zip(sums[norm], (1, 2), strict=True):
            total += (inputs[0] ** power).mean(dim=(0, 2, 3)) / len(planes)

    for norm in norms:
        norm.running_mean.zero_()
        norm.running_var.fill_(1 - norm.eps)
    hooks = [norm.register_forward_pre_hook(gather) for norm in norms]
    with torch.no_grad():
        for batch in planes:
            network(batch)
        for hook in hooks:
            hook.remove()
        for norm, (mean, square) in sums.items():
            variance = (square - mean**2).clamp(min=1e-6)
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
            norm.weight.copy_((variance + norm.eps).sqrt())
            norm.bias.add_(mean)
