"""The recipe is no part of the package: its folder is put on the path, and espeak-ng may be absent."""

import ctypes.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "models"))
sys.path.append(str(ROOT / "sample_calls"))
if ctypes.util.find_library("espeak-ng") is None:
    pytest.skip("espeak-ng is not installed", allow_module_level=True)


@pytest.fixture(scope="session")
def sources():
    from recipe.dataset import Sources

    return Sources(("今天", "天气", "电话", "汽车", "高兴", "手机"))


@pytest.fixture(scope="session")
def models():
    return ROOT / "models"
