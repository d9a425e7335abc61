"""Apache Kafka's jars, from its Maven artifacts, once per version and work tree."""

import fcntl
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
ROOT = Path(__file__).parents[4]
DOWNLOAD_SECONDS = 570


def version() -> str:
    dependency = ET.parse(POM).find("dependencies/dependency/version")
    if dependency is None or not dependency.text:
        raise ValueError(f"{POM} pins no version of Kafka")
    return dependency.text


def prepare() -> Path:
    """The folder of the jars; downloads them when they are not there yet."""
    jars = ROOT / ".servers" / "kafka" / version()
    jars.parent.mkdir(parents=True, exist_ok=True)
    with (jars.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not jars.is_dir():
            _download(jars)
    return jars


def _download(jars: Path) -> None:
    fresh = jars.with_name("fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    command = ("mvn", "-B", "-ntp", "-q", "-f", str(POM), "dependency:copy-dependencies")
    answer = subprocess.run(
        (*command, f"-DoutputDirectory={fresh}", "-DincludeScope=runtime"),
        capture_output=True,
        text=True,
        timeout=DOWNLOAD_SECONDS,
        check=False,
    )
    if answer.returncode != 0:
        raise RuntimeError(f"Kafka's artifacts: {answer.stdout[-3000:]}{answer.stderr[-1000:]}")
    fresh.rename(jars)
