"""What can be measured: pace, volume, pitch, clarity, timing, noise, release."""
