"""The recipe of the checkpoint that ships: texts, voices, channel, windows, training, evaluation."""
