"""Copying: the chance that what comes next is something the history holds already, whatever it is.

A network that learns each behaviour by itself has nothing to say of one that it never saw, and a log's last weeks often
bring new ones: a new page, another exercise. What carries over is how people repeat themselves. So each behaviour j of
the window is scored by how many events ago it last happened and by its share of the window, with the same weights for
all of them,

    copy_j  ~  exp(again[age_j] + habit log share_j),     age_j in events (``causalviz.model.ages``),

and a gate that reads the network's state mixes these chances with its own (the pointer of See, Liu & Manning 2017,
with ages in place of attention).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from causalviz.model.ages import AGES, LONGEST

SHUT = -3.0  # the gate's first log-odds: at the beginning one answer in twenty is copied


class Copying(nn.Module):
    """Mixes the network's chances with those of a repeat."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.again = nn.Parameter(torch.zeros(AGES))
        self.habit = nn.Parameter(torch.ones(()))
        self.gate = nn.Linear(width, 1)
        nn.init.zeros_(self.gate.weight)
        nn.init.constant_(self.gate.bias, SHUT)

    def forward(self, told: Tensor, state: Tensor, behaviour: Tensor) -> Tensor:
        """(N, T, K) log chances.

        Args:
            told: (N, T, K) the network's own log chances.
            state: (N, T, width) its state after each event.
            behaviour: (N, T) codes.
        """
        K, T = told.shape[2], told.shape[1]
        place = torch.arange(T, device=told.device)
        done = nn.functional.one_hot(behaviour, K)  # (N, T, K)
        latest = torch.where(done > 0, place[None, :, None], -1).cummax(dim=1).values
        since = place[None, :, None] - latest  # (N, T, K) events ago
        age = torch.bucketize(since, torch.tensor(LONGEST, device=told.device))
        share = done.cumsum(dim=1) / (place + 1)[None, :, None]
        score = self.again[age] + self.habit * torch.log(share.clamp(min=1e-9))
        copied = score.masked_fill(latest < 0, float("-inf")).log_softmax(-1)
        gate = self.gate(state)  # (N, T, 1)
        own = told + nn.functional.logsigmoid(-gate)
        repeated = (copied + nn.functional.logsigmoid(gate)).masked_fill(latest < 0, -1e9)
        return torch.logaddexp(own, repeated)
