"""Why an edge has its probability: Shapley values over feature groups, and the evidence behind them."""
