"""The text stage is light: nothing heavy before it is used, never an array library."""

import subprocess
import sys

CODE = """
import sys
from auditor.text import match, numerals, normalise
early = [m for m in ("numpy", "opencc", "pypinyin", "cn2an") if m in sys.modules]
match.find_phrase("您好,中國移動", "您好,中国移动")
numerals.read_out("150元")
late = [m for m in ("numpy", "torch", "librosa") if m in sys.modules]
print(early, late)
"""


def test_libraries_load_when_text_is_first_read_and_numpy_never():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "[] []"
