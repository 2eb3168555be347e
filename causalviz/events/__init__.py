"""Bytes -> EventLog: readers, column roles, rules over behaviours, quality. First stage of the flow.

file --readers.inspect--> Source --mapping.detect_roles--> Roles
file + Roles --readers.read_events--> RawEvents + ReadReport
RawEvents + Rules --rules.apply_rules--> EventLog --quality.measure_quality--> Quality
"""
