"""Prior over worlds -> simulated EventLog with its true graph; the demo logs."""
