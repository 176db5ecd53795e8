import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.settings import Settings
from worker.engines import load_engines
from worker.engines.paddle import CROP_HEIGHT, WIDTH_STEP, MissingWeightsError, padded_width

PROJECT = Path(__file__).parents[3]


def test_missing_weights_name_the_command_that_fetches_them(tmp_path):
    with pytest.raises(MissingWeightsError, match="deploy/up"):
        load_engines(Settings(home=tmp_path))


def test_importing_the_engines_loads_no_native_tool():
    code = (
        "import sys, worker.engines\n"
        "print([name for name in ('numpy', 'cv2', 'onnxruntime', 'paddleocr') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not (Settings().weights / "PP-OCRv6_small_rec").is_dir(), reason="the OCR weights are not there")
def test_loading_writes_nothing_under_the_home_directory_and_logs_no_text(tmp_path):
    code = (
        "import sys, numpy as np\n"
        "from shared.settings import Settings\n"
        "from worker.engines import load_engines\n"
        "engine = load_engines(Settings()).text\n"
        "assert engine.find_text(np.full((200, 300, 3), 255, np.uint8)) == []\n"
        "assert engine.recognize([]) == []\n"
        "crops = [np.full((48, width, 3), 255, np.uint8) for width in (300, 40, 90, 300)]\n"
        "assert len(engine.recognize(crops)) == 4\n"
    )
    environ = {
        key: value for key, value in os.environ.items() if not key.startswith(("PADDLE", "MODELSCOPE", "HF_", "ORT_"))
    }
    environ |= {"HOME": str(tmp_path), "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(("width", "height", "padded"), [(100, 48, 112), (112, 48, 112), (50, 24, 112), (1, 48, 16)])
def test_like_widths_share_a_run(width, height, padded):
    import numpy as np

    assert padded_width(np.zeros((height, width, 3), dtype=np.uint8)) == padded
    assert padded % WIDTH_STEP == 0
    assert CROP_HEIGHT == 48
