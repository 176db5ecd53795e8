"""Labelled scenes without end, to train the model that finds cards and to measure it."""
