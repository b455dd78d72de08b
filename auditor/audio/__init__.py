"""From files to samples: decoding, layout, tones, and sound for listening."""
