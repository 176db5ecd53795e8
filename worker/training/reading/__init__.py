"""Measurements of the whole reading on generated scenes: what it is worth, and what spoils it."""
