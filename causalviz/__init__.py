"""CausalViz: from event logs to calibrated causal graphs between behaviours, curated by hand."""
