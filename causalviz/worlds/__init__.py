"""Prior over worlds -> simulated EventLog with its true graph; the demo logs."""

from causalviz.worlds.demos import STORIES, demo_log
from causalviz.worlds.plan import World, WorldPlan
from causalviz.worlds.prior import HELD_OUT, TRAINED, Prior, draw_plan
from causalviz.worlds.simulator import simulate

__all__ = ["HELD_OUT", "STORIES", "TRAINED", "Prior", "World", "WorldPlan", "demo_log", "draw_plan", "simulate"]
