"""From causes to recommendations: what comes next and why, and what to promote; baselines to beat."""
