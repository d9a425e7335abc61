"""Whether a Docker engine here has an image. Nothing is pulled.

Asked by command: the library leaves a socket open where no engine answers.
"""

import shutil
import subprocess

ASK_SECONDS = 20


def has(image: str) -> bool:
    if (docker := shutil.which("docker")) is None:
        return False
    asked = (docker, "image", "inspect", image)
    answer = subprocess.run(asked, capture_output=True, timeout=ASK_SECONDS, check=False)
    return answer.returncode == 0
