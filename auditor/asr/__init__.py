"""What was said: engines, checkpoints, the guard against hallucination, probes."""
