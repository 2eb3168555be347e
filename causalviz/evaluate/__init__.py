"""How good the probabilities are: metrics against a known graph."""
