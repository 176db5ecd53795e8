import os
import subprocess
import sys

from shared.sealing import new_key


def test_the_api_loads_no_image_and_no_model_library():
    code = (
        "import sys, api.wsgi; "
        "print([name for name in ('cv2', 'numpy', 'onnxruntime', 'paddle', 'paddleocr', 'paddlex', 'PIL', 'worker') "
        "if name in sys.modules])"
    )
    environ = os.environ | {"KARTU_SEALING_KEYS": new_key()}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
