"""Estimates + verdicts -> CausalGraph: the expert's side, its store and its exchange formats."""
