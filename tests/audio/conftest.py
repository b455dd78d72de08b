"""Puts `audio_files` (sounds with a known truth) within reach of the tests of this folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
