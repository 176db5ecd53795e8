"""Delivers webhooks: `tasks.py` the Celery side, `deliver.py` one attempt, `transport.py` the way out."""
