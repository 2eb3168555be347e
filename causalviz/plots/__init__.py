"""Numbers -> figures: each plot is data plus dress."""
