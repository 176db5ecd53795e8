"""Trains the network that reads one printed line: texts, lettering, degradation, training, export, evaluation."""
