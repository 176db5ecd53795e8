"""The worker side: claims jobs, reads cards, stores the outcome."""
