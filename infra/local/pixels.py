"""What developing a photo costs beside sharp: processor time, memory, and the bytes of the renditions, in paired runs.

    python -m infra.local.bench develop

Of both a process for each photo. sharp's processor time is that of its work without Node's start; its memory is the process's.
"""

import json
import os
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra.stage import ROOT

ROUNDS = 5
PEERS = {"best": ("best", 4), "best at equal effort": ("best", 2), "clone": ("clone", 4)}
"""sharp used well with the effort that it has by itself, with ours, and as its documentation uses it."""


@dataclass(frozen=True)
class Cost:
    cpu_ms: float
    peak_bytes: int
    made_bytes: int


class NotDeveloped(Exception):
    """A photo that one of them could not develop."""


def developed(command: list[str], folder: Path) -> Cost:
    """Runs a command that writes renditions into a folder. What it says of its own processor time goes first."""
    for old in folder.iterdir():
        old.unlink()
    with subprocess.Popen([*command, str(folder)], cwd=ROOT / "end2end", stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise NotDeveloped(f"{' '.join(command)} left with {process.returncode}")
    own = json.loads(said).get("cpu_ms")
    return Cost(
        cpu_ms=own if own is not None else 1000 * (usage.ru_utime + usage.ru_stime),
        peak_bytes=usage.ru_maxrss * 1024,
        made_bytes=sum(file.stat().st_size for file in folder.iterdir()),
    )


def medians(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("cpu_ms", "peak_bytes", "made_bytes")))


def compared(photos: list[Path], develop_photo: Path) -> dict[str, dict[str, Cost]]:
    """The median cost of each photo by each way."""
    ways = {"ours": [str(develop_photo)]} | {
        name: ["node", "bench/sharp.mjs", way, str(effort)] for name, (way, effort) in PEERS.items()
    }
    costs: dict[str, dict[str, list[Cost]]] = {photo.name: {way: [] for way in ways} for photo in photos}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for photo in photos:
                for way, command in ways.items():
                    costs[photo.name][way].append(developed([*command, str(photo)], Path(folder)))
    return {photo: {way: medians(all) for way, all in of.items()} for photo, of in costs.items()}


def figures(costs: dict[str, dict[str, Cost]]) -> dict[str, float]:
    """For each peer the median ratio over the photos, and the largest memory."""
    result: dict[str, float] = {"photos": len(costs)}
    for peer in PEERS:
        name = peer.replace(" ", "_")
        for what in ("cpu_ms", "peak_bytes", "made_bytes"):
            ratios = [getattr(of["ours"], what) / getattr(of[peer], what) for of in costs.values()]
            result[f"{what}_over_{name}"] = round(statistics.median(ratios), 3)
            result[f"{what}_over_{name}_at_most"] = round(max(ratios), 3)
    result["peak_mb_at_most"] = round(max(of["ours"].peak_bytes for of in costs.values()) / 1e6, 1)
    return result


def report(costs: dict[str, dict[str, Cost]], to: Path) -> None:
    for photo, of in costs.items():
        print(f"  {photo}")
        for way, cost in of.items():
            print(f"    {way:22}{cost.cpu_ms:9.0f} ms {cost.peak_bytes / 1e6:8.0f} MB {cost.made_bytes / 1e3:8.0f} kB")
    result = figures(costs)
    for name, value in result.items():
        print(f"  {name:44}{value:>12}")
    to.mkdir(parents=True, exist_ok=True)
    (to / "develop.json").write_text(json.dumps(result, indent=2) + "\n")
