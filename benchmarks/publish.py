"""What publishing many small files costs compared with ``aws s3 sync`` of the same folder, on the local AWS, in turn.

    python benchmarks/publish.py [--files 10000] [--runs 3]

Wall time, and the processor's seconds of each client, which other programs on the machine change less. Every upload
starts with an empty bucket; one publish before the sync and one after it make a row, so that a machine that gets busier
or idler favours neither. "plan" reads and compares all files with nothing changed; "again" is a whole second run, which
must put nothing. The command line's start is part of its time, as it is in use.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))

from stacks.aws.cloud import BotoCloud
from stacks.local.emulator import Emulator, local_aws
from stacks.progress import FilesCompared
from stacks.publishing.publish import current_release, plan_publish, publish
from stacks.publishing.sites import SiteFiles, read_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.progress import Progress

REGION = "eu-west-1"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as result:
        folder = Path(result) / "site"
        write_site(folder, arguments.files)
        print("sync s  publish s  times faster  sync cpu s  publish cpu s  plan s  again s  puts again")
        ratios = []
        for run in range(arguments.runs):
            with local_aws(region=REGION, account="111111111111", home=Path(result) / f"home{run}") as emulator:
                ratios.append(compare(folder, emulator))
        print(f"median: {statistics.median(ratios):.1f} times faster")


def write_site(folder: Path, count: int) -> None:
    """Write an application of so many small files, as a bundler would."""
    for number in range(count - 1):
        file = folder / f"assets/{number % 100}/{number}-aB3dE6gH.js"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"export const a = {number};\n" * 20)
    (folder / "index.html").write_text("<!doctype html>")


def compare(folder: Path, emulator: Emulator) -> float:
    """Print one row; return how many times faster publishing is."""
    cloud = BotoCloud(REGION, endpoint_url=emulator.endpoint_url, credentials=emulator.credentials)
    site = SiteFiles(prefix="", folder=folder, fallback=True)
    seen: list[Progress] = []

    def put(bucket: str) -> None:
        publish(read_folder(site), cloud, seen.append, bucket=bucket, distribution=None)

    for bucket in ("first-published", "synced", "published"):
        aws(emulator, "s3", "mb", f"s3://{bucket}")
    start = time.process_time()
    before = timed(lambda: put("first-published"))
    cpu = time.process_time() - start
    start = _of_children()
    synced = timed(lambda: aws(emulator, "s3", "sync", str(folder), "s3://synced", "--quiet"))
    synced_cpu = _of_children() - start
    published = (before + timed(lambda: put("published"))) / 2
    listed = cloud.objects("published")
    current = current_release(cloud, "published", listed)
    planned = timed(lambda: plan_publish(read_folder(site), listed, current))
    again = timed(lambda: put("published"))
    puts = [event.to_put for event in seen if isinstance(event, FilesCompared)][-1]
    print(f"{synced:6.1f}  {published:9.1f}  {synced / published:12.1f}  {synced_cpu:10.1f}  {cpu:13.1f}", end="  ")
    print(f"{planned:6.2f}  {again:7.2f}  {puts:10}")
    return synced / published


def _of_children() -> float:
    """Processor seconds of the programs that have been run; the local AWS is still running, so it is not among them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def aws(emulator: Emulator, *words: str) -> None:
    """Run AWS's own command line against the local AWS."""
    program = shutil.which("aws", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}") or "aws"
    keys = {"AWS_ACCESS_KEY_ID": emulator.key, "AWS_SECRET_ACCESS_KEY": emulator.secret, "AWS_DEFAULT_REGION": REGION}
    command = [program, *words, "--endpoint-url", emulator.endpoint_url]
    subprocess.run(command, env={**os.environ, **keys}, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
