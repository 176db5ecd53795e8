"""Trains the networks that find the card: data on disk, augmentation, training, export, evaluation."""
