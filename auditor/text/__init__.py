"""Chinese text: normalising, numbers read out, phrase matching by sound."""
