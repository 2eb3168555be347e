"""Bytes -> EventLog: readers, column roles, rules over behaviours, quality. First stage of the flow."""
