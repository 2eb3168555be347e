"""How good the graph is: against a truth, and, without one, against other users, other times and chance."""
