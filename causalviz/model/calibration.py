"""From scores to probabilities: how far off they are, and the straight line that mends them.

The expected calibration error sorts the pairs by probability, cuts them into bins of equal count and averages
|mean probability - share of true edges|. Platt's line (1999) maps a logit to slope * logit + intercept.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BINS = 15


def calibration_error(probability: Floats, label: NDArray[np.generic], bins: int = BINS) -> float:
    """Expected calibration error over ``bins`` bins of equal count, 0..1.

    Args:
        probability: (n,) in [0, 1].
        label: (n,) 0 or 1.
        bins: How many; fewer where there are fewer pairs.
    """
    if len(probability) == 0:
        return float("nan")
    order = np.argsort(probability, kind="stable")
    answer = np.asarray(label, dtype=np.float64)
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [len(part) * abs(probability[part].mean() - answer[part].mean()) for part in parts]
    return float(sum(gaps) / len(probability))


def fit_platt(
    logit: Floats, label: Floats, weight: Floats | None = None, *, hold: tuple[float, float] = (1.0, 1.0)
) -> tuple[float, float]:
    """Slope and intercept with the least cross-entropy, by Newton's method from (1, 0).

    Args:
        logit: (n,).
        label: (n,) 0 or 1.
        weight: (n,) or None for equal weights.
        hold: Strength that holds slope and intercept near (1, 0): a penalty of half of it times the square of the
            departure, in nats, so that a handful of labels cannot overturn them.

    Returns:
        Slope and intercept.
    """
    weight = np.ones_like(logit) if weight is None else weight
    X = np.stack([logit, np.ones_like(logit)], axis=1)  # (n, 2)
    identity, strength = np.array([1.0, 0.0]), np.array(hold)
    beta = identity
    for _ in range(50):
        p = sigmoid(X @ beta)
        gradient = X.T @ (weight * (p - label)) + strength * (beta - identity)
        hessian = (X * (weight * p * (1 - p))[:, None]).T @ X + np.diag(strength)
        step = np.clip(np.linalg.solve(hessian, gradient), -1.0, 1.0)
        beta = beta - step
        if np.abs(step).max() < 1e-9:
            break
    return float(beta[0]), float(beta[1])


def sigmoid(logit: Floats) -> Floats:
    """Probabilities of logits, without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -logit)), dtype=np.float64)
