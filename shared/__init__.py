"""The contract between the API and the workers: settings, wire shapes, errors, queue and job store."""
