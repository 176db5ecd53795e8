"""What the networks are trained towards: the distance to the card's edge, the order of its corners, its kind."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from worker.engines.edges import REACH, STRIDE
from worker.training.corners.samples import NO_ORDER

_ORDER_WEIGHT, _KIND_WEIGHT = 0.5, 0.5
_BAND_WEIGHT = 3.0
_SMOOTH = 0.15


def edge_distance(quads: Tensor, height: int, width: int) -> Tensor:
    """Distance in cells from each cell to the edge of the quad: (n, 4, 2) in pixels of the input → (n, height, width).

    Positive inside, whichever way the quad goes round, at most REACH either way; -REACH everywhere for a quad of nan.
    """
    following = quads.roll(-1, dims=1)
    area = (quads[..., 0] * following[..., 1] - following[..., 0] * quads[..., 1]).sum(dim=1)
    along = following - quads
    along = along / along.norm(dim=-1, keepdim=True).clamp(min=1e-6)
    inward = torch.stack([-along[..., 1], along[..., 0]], dim=-1) * area.sign()[:, None, None]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    cells = torch.stack([x, y], dim=-1).reshape(-1, 2) * float(STRIDE) + (STRIDE - 1) / 2
    offsets = cells[None, None].to(quads) - quads[:, :, None]
    depth = (offsets * inward[:, :, None]).sum(dim=-1).amin(dim=1) / STRIDE
    return depth.clamp(-REACH, REACH).nan_to_num(-REACH).reshape(-1, height, width)


def distance_loss(measured: Tensor, wanted: Tensor) -> Tensor:
    """Smooth absolute error of the distance, shape (n,), most of all near the edge; beyond REACH all is equal."""
    error = functional.smooth_l1_loss(measured.clamp(-REACH * 1.1, REACH * 1.1), wanted, reduction="none", beta=_SMOOTH)
    leak = 0.01 * (measured - measured.clamp(-REACH * 1.1, REACH * 1.1)).abs()
    band = (wanted.abs() < REACH).to(error)
    near = ((error + leak) * band).sum(dim=(1, 2)) / band.sum(dim=(1, 2)).clamp(min=1)
    far = ((error + leak) * (1 - band)).sum(dim=(1, 2)) / (1 - band).sum(dim=(1, 2)).clamp(min=1)
    return near * _BAND_WEIGHT + far


def corner_loss(outputs: tuple[Tensor, Tensor, Tensor], quads: Tensor, orders: Tensor, kinds: Tensor) -> Tensor:
    """The loss of a batch; distances do not count for samples with a quad of inf, orders not for those of NO_ORDER."""
    distance, order, kind = (output.float() for output in outputs)
    wanted = edge_distance(quads, distance.shape[1], distance.shape[2])
    loss = (distance_loss(distance, wanted) * ~torch.isinf(quads).any(dim=2).any(dim=1)).mean()
    loss = loss + _KIND_WEIGHT * functional.cross_entropy(kind, kinds, label_smoothing=0.01)
    known = orders != NO_ORDER
    if bool(known.any()):
        loss = loss + _ORDER_WEIGHT * functional.cross_entropy(order[known], orders[known], label_smoothing=0.01)
    return loss
