"""EventLog -> LagCounts: integer, additive statistics of who follows whom after how long."""
