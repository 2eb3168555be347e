"""LagCounts -> probabilities and effects: candidates, features, Hawkes EM, network, training."""
