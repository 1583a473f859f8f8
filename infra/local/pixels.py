"""Compares image processing with sharp: CPU time, memory, bytes and SSIMULACRA2 score, in paired runs.

    python -m infra.local.bench pixels

Both use one process for each photo. Ours is measured in full, including its sandboxed child process; for sharp, CPU time excludes the
start of Node, and memory is that of the whole process.
"""

import json
import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.stage import ROOT

ROUNDS = 5
WIDTHS = (320, 960, 1920)
PAIRED = ["--formats", "webp,jpeg", "--widths", ",".join(map(str, WIDTHS))]
"""The renditions that both make when costs are compared."""
PEERS = {"best": ("best", 4), "best at equal effort": ("best", 2), "clone": ("clone", 4)}
"""sharp used well with its default effort, with our effort, and as its documentation uses it."""
AVIF_WIDTH = 1920
AVIF_QUALITIES = tuple(range(35, 80, 5))
"""sharp's qualities; our score must be between their scores."""
LARGE_SIZE = (6000, 4000)


MEASURED = """
import os, sys
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(1000 * (usage.ru_utime + usage.ru_stime), usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Linux counts a parent's memory at the time of the fork into the child's peak, so a small process starts it."""


@dataclass(frozen=True)
class Cost:
    cpu_ms: float
    peak_bytes: int
    made_bytes: int


@dataclass(frozen=True)
class Quality:
    """A rendition's size and its score against the photo itself."""

    made_bytes: int
    score: float


class NotDeveloped(Exception):
    """A photo that one of the programs failed to process."""


def output(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT / "end2end", stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise NotDeveloped(f"{' '.join(command)} exited with {done.returncode}")
    return done.stdout


def developed(command: list[str], folder: Path) -> Cost:
    """Runs a command that writes renditions into a folder. If its output reports its CPU time, that is used."""
    for old in folder.iterdir():
        old.unlink()
    reported, *usage = output([sys.executable, "-I", "-S", "-c", MEASURED, *command, str(folder)]).splitlines()
    own = json.loads(reported).get("cpu_ms")
    cpu_ms, peak_bytes = map(float, usage[-1].split())
    return Cost(
        cpu_ms=own if own is not None else cpu_ms,
        peak_bytes=peak_bytes,
        made_bytes=sum(file.stat().st_size for file in folder.iterdir()),
    )


def medians(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("cpu_ms", "peak_bytes", "made_bytes")))


def compared(photos: list[Path], develop_photo: Path) -> dict[str, dict[str, Cost]]:
    """The median cost of each photo by program."""
    programs = {"ours": [str(develop_photo), *PAIRED]} | {
        name: ["node", "bench/sharp.mjs", mode, str(effort)] for name, (mode, effort) in PEERS.items()
    }
    costs: dict[str, dict[str, list[Cost]]] = {photo.name: {program: [] for program in programs} for photo in photos}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for photo in photos:
                for program, command in programs.items():
                    costs[photo.name][program].append(developed([*command, str(photo)], Path(folder)))
    return {photo: {program: medians(runs) for program, runs in of.items()} for photo, of in costs.items()}


def scored(photo: Path, folder: Path, score_pictures: Path) -> dict[str, Quality]:
    """The quality of each image in a folder against the photo, by file name."""
    files = sorted(folder.iterdir())
    output(["node", "bench/pictures.mjs", "decode", str(photo), str(folder)])
    pairs = [f"{file}{ending}" for file in files for ending in (".reference.png", ".png")]
    scores = json.loads(output([str(score_pictures), *pairs]))
    return {file.name: Quality(file.stat().st_size, score) for file, score in zip(files, scores, strict=True)}


def qualities(photo: Path, commands: dict[str, list[str]], folder: Path, score_pictures: Path) -> Iterator[tuple[str, str, Quality]]:
    """Program, file name and quality of every rendition that the commands make of a photo."""
    for program, command in commands.items():
        made = folder / program
        made.mkdir()
        developed([*command, str(photo)], made)
        for file, quality in scored(photo, made, score_pictures).items():
            yield program, file, quality


def peers_avifs(photo: Path, folder: Path, score_pictures: Path) -> list[Quality]:
    """The quality of sharp's AVIFs of the photo."""
    made = folder / "avif"
    made.mkdir()
    output(["node", "bench/pictures.mjs", "avif", str(photo), str(made), str(AVIF_WIDTH), *map(str, AVIF_QUALITIES)])
    return list(scored(photo, made, score_pictures).values())


def bytes_at(score: float, curve: list[Quality]) -> float:
    """The bytes that sharp needs for a score, by log-linear interpolation."""
    curve = sorted(curve, key=lambda quality: quality.score)
    for low, high in zip(curve, curve[1:], strict=False):
        if low.score <= score <= high.score:
            share = (score - low.score) / (high.score - low.score)
            return math.exp(math.log(low.made_bytes) + share * math.log(high.made_bytes / low.made_bytes))
    raise NotDeveloped(f"the score {score:.1f} is outside the range of sharp's files")


def compared_quality(photos: list[Path], develop_photo: Path, score_pictures: Path) -> dict[str, float]:
    """Over all renditions: differences in score and bytes to sharp used well, and the ratio of AVIF bytes at equal score."""
    commands = {"ours": [str(develop_photo), *PAIRED], "best": ["node", "bench/sharp.mjs", "best", "4"]}
    differences: dict[str, list[float]] = {"webp": [], "jpeg": []}
    ratios: dict[str, list[float]] = {"webp": [], "jpeg": [], "avif": []}
    avif = [str(develop_photo), "--formats", "avif", "--widths", ",".join(map(str, WIDTHS))]
    for photo in photos:
        with tempfile.TemporaryDirectory() as folder:
            found = {(program, file): quality for program, file, quality in qualities(photo, commands | {"later": avif}, Path(folder), score_pictures)}
            curve = peers_avifs(photo, Path(folder), score_pictures)
        print(f"  {photo.name}")
        for width in WIDTHS:
            for kind in ("webp", "jpeg"):
                ours, best = found["ours", f"{width}.{kind}"], found["best", f"{width}.{kind}"]
                differences[kind].append(ours.score - best.score)
                ratios[kind].append(ours.made_bytes / best.made_bytes)
                print(
                    f"    {width:>5} {kind}  score {ours.score:6.2f}, sharp {best.score:6.2f}  "
                    f"{ours.made_bytes / 1e3:7.0f} kB, sharp {best.made_bytes / 1e3:7.0f} kB"
                )
        ours = found["later", f"{AVIF_WIDTH}.avif"]
        ratios["avif"].append(ours.made_bytes / bytes_at(ours.score, curve))
        print(f"    {AVIF_WIDTH:>5} avif  score {ours.score:6.2f}  {ours.made_bytes / 1e3:7.0f} kB, {ratios['avif'][-1]:.3f} of sharp's")
    result = {}
    for kind in ("webp", "jpeg"):
        result[f"{kind}_score_above_best"] = round(statistics.median(differences[kind]), 2)
        result[f"{kind}_score_above_best_at_least"] = round(min(differences[kind]), 2)
        result[f"{kind}_bytes_over_best"] = round(statistics.median(ratios[kind]), 3)
        result[f"{kind}_bytes_over_best_at_most"] = round(max(ratios[kind]), 3)
    return result | {
        "avif_bytes_over_best_at_equal_score": round(statistics.median(ratios["avif"]), 3),
        "avif_bytes_over_best_at_equal_score_at_most": round(max(ratios["avif"]), 3),
    }


def large_jpeg(photo: Path, develop_photo: Path) -> dict[str, float]:
    """Peak memory for a baseline JPEG of 24 megapixels, and for its AVIFs."""
    with tempfile.TemporaryDirectory() as folder:
        large, made = Path(folder) / "large.jpg", Path(folder) / "made"
        made.mkdir()
        output(["node", "bench/pictures.mjs", "enlarge", str(photo), str(large), *map(str, LARGE_SIZE)])
        first = developed([str(develop_photo), *PAIRED, str(large)], made)
        later = developed([str(develop_photo), "--formats", "avif", str(large)], made)
    return {"peak_mb_of_24_megapixels": round(first.peak_bytes / 1e6, 1), "peak_mb_of_their_avif": round(later.peak_bytes / 1e6, 1)}


def figures(costs: dict[str, dict[str, Cost]]) -> dict[str, float]:
    """For each peer the median and the largest ratios over the photos, and our peak memory."""
    result: dict[str, float] = {"photos": len(costs)}
    for peer in PEERS:
        name = peer.replace(" ", "_")
        for what in ("cpu_ms", "peak_bytes", "made_bytes"):
            ratios = [getattr(of["ours"], what) / getattr(of[peer], what) for of in costs.values()]
            result[f"{what}_over_{name}"] = round(statistics.median(ratios), 3)
            result[f"{what}_over_{name}_at_most"] = round(max(ratios), 3)
    result["peak_mb_at_most"] = round(max(of["ours"].peak_bytes for of in costs.values()) / 1e6, 1)
    return result


def report(photos: list[Path], develop_photo: Path, score_pictures: Path, to: Path) -> None:
    """Runs all measurements, prints tables, and writes `pixels.json`."""
    costs = compared(photos, develop_photo)
    for photo, of in costs.items():
        print(f"  {photo}")
        for program, cost in of.items():
            print(f"    {program:22}{cost.cpu_ms:9.0f} ms {cost.peak_bytes / 1e6:8.0f} MB {cost.made_bytes / 1e3:8.0f} kB")
    result = figures(costs)
    result |= large_jpeg(next(photo for photo in photos if photo.name == "sunset.jpg"), develop_photo)
    result |= compared_quality(photos, develop_photo, score_pictures)
    for name, value in result.items():
        print(f"  {name:48}{value:>12}")
    to.mkdir(parents=True, exist_ok=True)
    (to / "pixels.json").write_text(json.dumps(result, indent=2) + "\n")
