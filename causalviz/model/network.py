"""The graph neural network over candidate edges.

Behaviours v carry states h_v and candidate edges (i, j) carry states e_ij. In each round

    h_v'  = h_v  + W sigma(U [h_v, mean and max over edges into v, mean and max over edges out of v] + b)
    e_ij' = e_ij + MLP [e_ij, c_ij],   c_ij = [e_ji, h_i, h_j, chains, forks],
    chains = mean and 4-norm over k of  p(e_ik) q(e_kj)      (a mediator i -> k -> j explains i -> j away),
    forks  = mean and 4-norm over k of  p'(e_ki) q'(e_kj)    (so does a common cause k -> i, k -> j),

p, q, p', q' positive. The 4-norm stands for the maximum, the most plausible third behaviour, and like the mean it is a
product of matrices: its cost is that of K x K products whatever the number of triangles.

What an expert has said of other pairs enters e at the start: an edge that is known, or known not to be, informs its
neighbours through the rounds. The answer is a linear reading of the edge's own features plus what the rounds add, so
that the network corrects a good estimator instead of replacing it. Nothing depends on the order of the behaviours.

A log may differ from every world that was learned from in some of its features, or in how they go together. So the
network answers as a *panel*: its members share all weights, but each is blind to other features, and the answer is
their mean. In training each log is read by one of them.

Sources: Gilmer et al., ICML 2017 (message passing); Jumper et al., Nature 2021 (triangle updates); Fey & Lenssen 2019
(PyG); Ho, TPAMI 1998 (random subspaces).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch_geometric.nn import MessagePassing

from causalviz.errors import SettingsError
from causalviz.model.structure import Structure, over_thirds

LEAST_SCALE = 1e-3  # of a feature's standard deviation
LARGEST = {"edge_features": 4096, "node_features": 4096, "hidden": 1024, "triangle": 256, "rounds": 16, "members": 64}


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Shape of the network.

    Attributes:
        edge_features: D, columns of the pair features.
        node_features: F, columns of the behaviour features.
        hidden: H, width of the states.
        triangle: Width of the products over a third behaviour.
        rounds: Rounds of message passing; three reach a mediator's mediator.
        dropout: Share of hidden units dropped in training.
        members: Of the panel; a single one sees every feature.
    """

    edge_features: int
    node_features: int
    hidden: int = 48
    triangle: int = 12
    rounds: int = 3
    dropout: float = 0.05
    members: int = 1

    def __post_init__(self) -> None:
        for name, most in LARGEST.items():
            if not 1 <= getattr(self, name) <= most:
                raise SettingsError(f"{name} must lie between 1 and {most} (got {getattr(self, name)}).")


class NodeRound(MessagePassing):  # type: ignore[misc]
    """h_v' = h_v + W sigma(U [h_v, aggregate over edges into and out of v] + b)."""

    def __init__(self, hidden: int) -> None:
        super().__init__(aggr=["mean", "max"])
        source = Path(type(self).propagate.__code__.co_filename)
        if source.parent == Path(tempfile.gettempdir()):  # where PyG writes one a process, and leaves it
            source.unlink(missing_ok=True)
        self.message_layer = nn.Linear(2 * hidden, hidden)
        self.update_layer = nn.Sequential(nn.Linear(5 * hidden, hidden), nn.SiLU(), nn.Linear(hidden, hidden))
        self.norm = nn.LayerNorm(hidden)

    def forward(self, h: Tensor, e: Tensor, structure: Structure) -> Tensor:
        known = self.norm(h)
        into = self.propagate(structure.edge_index, x=known, edge=e, size=(len(h), len(h)))  # (K, 2H)
        out = self.propagate(structure.edge_index.flip(0), x=known, edge=e, size=(len(h), len(h)))  # (K, 2H)
        return h + self.update_layer(torch.cat([known, into, out], dim=-1))  # (K, H)

    def message(self, x_j: Tensor, edge: Tensor) -> Tensor:
        """sigma(W [h of the other end, e]) of each edge, (E, H)."""
        return torch.nn.functional.silu(self.message_layer(torch.cat([x_j, edge], dim=-1)))


class EdgeRound(nn.Module):
    """e_ij' = e_ij + MLP [e_ij, c_ij] with the context c_ij of the module's docstring."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        H, R = config.hidden, config.triangle
        self.norm = nn.LayerNorm(H)
        self.first = nn.Linear(H, 2 * R)
        self.second = nn.Linear(H, 2 * R)
        self.context_width = 3 * H + 4 * R
        self.update = nn.Sequential(
            nn.Linear(H + self.context_width, 2 * H),
            nn.SiLU(),
            nn.Dropout(config.dropout),
            nn.Linear(2 * H, H),
        )

    def context(self, h: Tensor, e: Tensor, structure: Structure) -> Tensor:
        """(E, context_width) what the rest of the graph says to each edge."""
        known = self.norm(e)
        i, j = structure.edge_index
        first, second = nn.functional.softplus(self.first(known)), nn.functional.softplus(self.second(known))
        triangles = over_thirds(first, second, structure, chained=first.shape[1] // 2)
        return torch.cat([known[structure.reverse], h[i], h[j], triangles], dim=-1)

    def forward(self, e: Tensor, context: Tensor) -> Tensor:
        """(E, H) of the edges (E, H) in their contexts (E, C), or all in one (1, C)."""
        first, *rest = self.update
        hidden = _of_both(cast("nn.Linear", first), self.norm(e), context)
        for layer in rest:
            hidden = layer(hidden)
        return e + hidden


def _of_both(layer: nn.Linear, own: Tensor, around: Tensor) -> Tensor:
    """A layer of [own, around] for (E, H) and (E, C), or with all the same around (1, C), which then costs nothing."""
    of_own, of_around = layer.weight.split([own.shape[1], around.shape[1]], dim=1)  # type: ignore[no-untyped-call]
    return torch.as_tensor(nn.functional.linear(own, of_own) + nn.functional.linear(around, of_around, layer.bias))


class Frozen(NamedTuple):
    """The graph around the edges as one member of the panel sees it, kept still.

    Attributes:
        seen: (D,) 1 for the features that the member sees, 0 for the others; None where it sees all.
        rounds: One context (E, C) for each round.
        reading: (E, C) the context of the reading.
    """

    seen: Tensor | None
    rounds: tuple[Tensor, ...]
    reading: Tensor

    def of(self, rows: Sequence[int]) -> list[Frozen]:
        """Around some edges, (1, C) each; of the others nothing is kept."""
        rounds, reading = [context[rows] for context in self.rounds], self.reading[rows]
        return [
            Frozen(self.seen, tuple(context[n : n + 1] for context in rounds), reading[n : n + 1])
            for n in range(len(rows))
        ]


def panel_of(groups: Sequence[Sequence[int]], features: int) -> Tensor:
    """(members, features) 1 where a member sees a feature: each is blind to one of the given sets of columns."""
    seen = torch.ones(len(groups), features)
    for member, columns in zip(seen, groups, strict=True):
        member[list(columns)] = 0.0
    return seen


class EdgeNetwork(nn.Module):
    """Logits of candidate edges; see the module's docstring."""

    edge_mean: Tensor
    edge_scale: Tensor
    node_mean: Tensor
    node_scale: Tensor
    panel: Tensor | None

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        D, F, H = config.edge_features, config.node_features, config.hidden
        self.config = config
        for name, width in (("edge", D), ("node", F)):
            self.register_buffer(f"{name}_mean", torch.zeros(width))
            self.register_buffer(f"{name}_scale", torch.ones(width))
        self.register_buffer("panel", torch.ones(config.members, D) if config.members > 1 else None)
        self.edge_encoder = nn.Sequential(nn.Linear(D, 2 * H), nn.SiLU(), nn.Linear(2 * H, H))
        self.verdict_encoder = nn.Linear(2, H, bias=False)
        self.node_encoder = nn.Sequential(nn.Linear(F, H), nn.SiLU(), nn.Linear(H, H))
        self.node_rounds = nn.ModuleList(NodeRound(H) for _ in range(config.rounds))
        self.edge_rounds = nn.ModuleList(EdgeRound(config) for _ in range(config.rounds))
        self.skip = nn.Linear(D, 1)
        self.norm = nn.LayerNorm(H)
        self.reading = nn.Sequential(nn.Linear(4 * H, H), nn.SiLU(), nn.Linear(H, 1))

    def standardise(self, edge: Tensor, node: Tensor) -> None:
        """Takes mean and scale of the features from the training worlds."""
        for name, values in (("edge", edge), ("node", node)):
            getattr(self, f"{name}_mean").copy_(values.mean(0))
            getattr(self, f"{name}_scale").copy_(values.std(0).clamp_min(LEAST_SCALE))

    def widened(self, edge: Tensor) -> EdgeNetwork:
        """The same network, which also reads new features, the last of all, and gives them no weight yet.

        Every member of a panel sees the new ones.

        Args:
            edge: (E, D) features of the training worlds, of which this network knows the first; the scale of the new.
        """
        wider = EdgeNetwork(replace(self.config, edge_features=edge.shape[1]))
        new = {"edge_mean": edge.mean(0), "edge_scale": edge.std(0).clamp_min(LEAST_SCALE), "panel": 1.0}
        with torch.no_grad():
            for name, weight in wider.state_dict().items():
                old = self.state_dict()[name]
                weight[...] = new.get(name, 0.0)
                known_part(weight, old).copy_(old)
        return wider.eval()

    def seated(self, panel: Tensor) -> EdgeNetwork:
        """The same weights, answering as a panel.

        Args:
            panel: (members, D) 1 where a member sees a feature, 0 elsewhere.
        """
        seated = EdgeNetwork(replace(self.config, members=len(panel)))
        weights = {name: weight for name, weight in self.state_dict().items() if name != "panel"}
        seated.load_state_dict(weights | ({"panel": panel} if len(panel) > 1 else {}))
        return seated.eval()

    def forward(self, edge: Tensor, node: Tensor, structure: Structure, known: Tensor | None = None) -> Tensor:
        """Logits (E,) from features (E, D) and (K, F), and from what is known: (E,) 1 an edge, -1 none, 0 not known.

        The mean over the panel; in training each log is read by one member, drawn at random. Features beyond the D
        that the network learned from are left alone. The logit of a known pair itself means nothing.
        """
        if self.training:
            return self._judged(edge, node, structure, known, self._drawn(structure))[0]
        return self._mean([self._judged(edge, node, structure, known, seen)[0] for seen in self._members()])

    def frozen(self, edge: Tensor, node: Tensor, structure: Structure, known: Tensor | None = None) -> Iterator[Frozen]:
        """The contexts under which each member's logits of ``forward`` come about, one member after the other."""
        return (self._judged(edge, node, structure, known, seen)[1] for seen in self._members())

    def with_context(self, edge: Tensor, surroundings: Sequence[Frozen]) -> Tensor:
        """Logits (n,) of n variants (n, D) of one edge's features, in its surroundings as each member sees them."""
        answers = []
        for frozen in surroundings:
            x = self._edges(edge, frozen.seen)
            e = self.edge_encoder(x)
            for edge_round, context in zip(self.edge_rounds, frozen.rounds, strict=True):
                e = edge_round(e, context)
            answers.append(self._read(x, e, frozen.reading))
        return self._mean(answers)

    def _judged(
        self, edge: Tensor, node: Tensor, structure: Structure, known: Tensor | None, seen: Tensor | None
    ) -> tuple[Tensor, Frozen]:
        """One member's logits (E,), and their contexts."""
        x = self._edges(edge, seen)  # (E, D)
        e = self.edge_encoder(x)  # (E, H)
        if known is not None:
            e = e + self.verdict_encoder(torch.stack([known.clamp(0, 1), (-known).clamp(0, 1)], dim=1).to(e.dtype))
        h = self.node_encoder(((node - self.node_mean) / self.node_scale).clamp(-4, 4))  # (K, H)
        contexts = []
        for node_round, edge_round in zip(self.node_rounds, self.edge_rounds, strict=True):
            h = node_round(h, e, structure)
            contexts.append(cast("EdgeRound", edge_round).context(h, e, structure))
            e = edge_round(e, contexts[-1])
        i, j = structure.edge_index
        around = torch.cat([self.norm(e)[structure.reverse], h[i], h[j]], dim=-1)  # (E, 3H)
        return self._read(x, e, around), Frozen(seen, tuple(contexts), around)

    def _members(self) -> tuple[Tensor | None, ...]:
        """(D,) what each member sees, as in ``Frozen``."""
        return (None,) if self.panel is None else self.panel.unbind()

    def _drawn(self, structure: Structure) -> Tensor | None:
        """(E, D) what the member sees that reads each edge's log."""
        if self.panel is None:
            return None
        edges = torch.tensor(structure.edges).diff()
        return self.panel[torch.randint(len(self.panel), (len(edges),))].repeat_interleave(edges, dim=0)

    @staticmethod
    def _mean(logits: Sequence[Tensor]) -> Tensor:
        return torch.stack(list(logits)).mean(dim=0)

    def _edges(self, edge: Tensor, seen: Tensor | None) -> Tensor:
        """(E, D) standardised; a feature that is not seen has its mean."""
        known = edge[..., : self.config.edge_features]
        x = ((known - self.edge_mean) / self.edge_scale).clamp(-4, 4)
        return x if seen is None else x * seen

    def _read(self, x: Tensor, e: Tensor, around: Tensor) -> Tensor:
        own = torch.as_tensor(self.skip(x))
        first, bend, last = self.reading
        return torch.as_tensor(own + last(bend(_of_both(cast("nn.Linear", first), self.norm(e), around)))).squeeze(-1)


def known_part(weight: Tensor, known: Tensor) -> Tensor:
    """The part of a weight that a network of the same shape has too, which knows fewer features; a view."""
    return weight[tuple(slice(size) for size in known.shape)]
