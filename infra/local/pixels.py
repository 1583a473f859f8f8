"""What developing a photo costs beside sharp, and what it looks like: processor time, memory, bytes and SSIMULACRA2, in paired runs.

    python -m infra.local.bench develop

Of both a process for each photo: ours is all that it took, with the process apart that it begins; sharp's processor time is that of its
work without Node's start, and its memory the process's.
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
"""What both make of a photo when their cost is compared."""
PEERS = {"best": ("best", 4), "best at equal effort": ("best", 2), "clone": ("clone", 4)}
"""sharp used well with the effort that it has by itself, with ours, and as its documentation uses it."""
AVIF_WIDTH = 1920
AVIF_QUALITIES = tuple(range(35, 80, 5))
"""sharp's, between whose scores ours must lie."""
LARGE_SIZE = (6000, 4000)


MEASURED = """
import os, sys
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(1000 * (usage.ru_utime + usage.ru_stime), usage.ru_maxrss * 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Linux counts to a process' memory what its parent had when it was made: so it is made by one that is small."""


@dataclass(frozen=True)
class Cost:
    cpu_ms: float
    peak_bytes: int
    made_bytes: int


@dataclass(frozen=True)
class Look:
    """A rendition's size and its score against the photo itself."""

    made_bytes: int
    score: float


class NotDeveloped(Exception):
    """A photo that one of them could not develop."""


def output(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT / "end2end", stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise NotDeveloped(f"{' '.join(command)} left with {done.returncode}")
    return done.stdout


def developed(command: list[str], folder: Path) -> Cost:
    """Runs a command that writes renditions into a folder. What it says of its own processor time goes first."""
    for old in folder.iterdir():
        old.unlink()
    said, *usage = output([sys.executable, "-I", "-S", "-c", MEASURED, *command, str(folder)]).splitlines()
    own = json.loads(said).get("cpu_ms")
    cpu_ms, peak_bytes = map(float, usage[-1].split())
    return Cost(
        cpu_ms=own if own is not None else cpu_ms,
        peak_bytes=peak_bytes,
        made_bytes=sum(file.stat().st_size for file in folder.iterdir()),
    )


def medians(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("cpu_ms", "peak_bytes", "made_bytes")))


def compared(photos: list[Path], develop_photo: Path) -> dict[str, dict[str, Cost]]:
    """The median cost of each photo by each way."""
    ways = {"ours": [str(develop_photo), *PAIRED]} | {
        name: ["node", "bench/sharp.mjs", way, str(effort)] for name, (way, effort) in PEERS.items()
    }
    costs: dict[str, dict[str, list[Cost]]] = {photo.name: {way: [] for way in ways} for photo in photos}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for photo in photos:
                for way, command in ways.items():
                    costs[photo.name][way].append(developed([*command, str(photo)], Path(folder)))
    return {photo: {way: medians(all) for way, all in of.items()} for photo, of in costs.items()}


def scored(photo: Path, folder: Path, score_pictures: Path) -> dict[str, Look]:
    """How each picture in a folder looks beside the photo, by its file."""
    files = sorted(folder.iterdir())
    output(["node", "bench/pictures.mjs", "decode", str(photo), str(folder)])
    pairs = [f"{file}{ending}" for file in files for ending in (".reference.png", ".png")]
    scores = json.loads(output([str(score_pictures), *pairs]))
    return {file.name: Look(file.stat().st_size, score) for file, score in zip(files, scores, strict=True)}


def looks(photo: Path, commands: dict[str, list[str]], folder: Path, score_pictures: Path) -> Iterator[tuple[str, str, Look]]:
    """Way, file and look of every rendition that the commands make of a photo."""
    for way, command in commands.items():
        made = folder / way
        made.mkdir()
        developed([*command, str(photo)], made)
        for file, look in scored(photo, made, score_pictures).items():
            yield way, file, look


def peers_avifs(photo: Path, folder: Path, score_pictures: Path) -> list[Look]:
    """sharp's AVIFs of the photo by quality."""
    made = folder / "avif"
    made.mkdir()
    output(["node", "bench/pictures.mjs", "avif", str(photo), str(made), str(AVIF_WIDTH), *map(str, AVIF_QUALITIES)])
    return list(scored(photo, made, score_pictures).values())


def bytes_at(score: float, curve: list[Look]) -> float:
    """How many bytes a peer needs for a score: between two of its files the logarithm of the bytes follows the score."""
    curve = sorted(curve, key=lambda look: look.score)
    for low, high in zip(curve, curve[1:], strict=False):
        if low.score <= score <= high.score:
            share = (score - low.score) / (high.score - low.score)
            return math.exp(math.log(low.made_bytes) + share * math.log(high.made_bytes / low.made_bytes))
    raise NotDeveloped(f"no file of the peer has about the score {score:.1f}")


def compared_looks(photos: list[Path], develop_photo: Path, score_pictures: Path) -> dict[str, float]:
    """Over all renditions: how our scores and bytes differ from those of sharp used well, and AVIF's bytes at equal score."""
    commands = {"ours": [str(develop_photo), *PAIRED], "best": ["node", "bench/sharp.mjs", "best", "4"]}
    differences: dict[str, list[float]] = {"webp": [], "jpeg": []}
    ratios: dict[str, list[float]] = {"webp": [], "jpeg": [], "avif": []}
    avif = [str(develop_photo), "--formats", "avif", "--widths", ",".join(map(str, WIDTHS))]
    for photo in photos:
        with tempfile.TemporaryDirectory() as folder:
            found = {(way, file): look for way, file, look in looks(photo, commands | {"later": avif}, Path(folder), score_pictures)}
            curve = peers_avifs(photo, Path(folder), score_pictures)
        print(f"  {photo.name}")
        for width in WIDTHS:
            for kind in ("webp", "jpeg"):
                ours, best = found["ours", f"{width}.{kind}"], found["best", f"{width}.{kind}"]
                differences[kind].append(ours.score - best.score)
                ratios[kind].append(ours.made_bytes / best.made_bytes)
                print(
                    f"    {width:>5} {kind}  score {ours.score:6.2f} and {best.score:6.2f}  "
                    f"{ours.made_bytes / 1e3:7.0f} kB and {best.made_bytes / 1e3:7.0f} kB"
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
    """The memory that a baseline JPEG of 24 megapixels takes, and its AVIFs."""
    with tempfile.TemporaryDirectory() as folder:
        large, made = Path(folder) / "large.jpg", Path(folder) / "made"
        made.mkdir()
        output(["node", "bench/pictures.mjs", "enlarge", str(photo), str(large), *map(str, LARGE_SIZE)])
        first = developed([str(develop_photo), *PAIRED, str(large)], made)
        later = developed([str(develop_photo), "--formats", "avif", str(large)], made)
    return {"peak_mb_of_24_megapixels": round(first.peak_bytes / 1e6, 1), "peak_mb_of_their_avif": round(later.peak_bytes / 1e6, 1)}


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


def report(photos: list[Path], develop_photo: Path, score_pictures: Path, to: Path) -> None:
    """Measures, prints the tables, and writes the figures."""
    costs = compared(photos, develop_photo)
    for photo, of in costs.items():
        print(f"  {photo}")
        for way, cost in of.items():
            print(f"    {way:22}{cost.cpu_ms:9.0f} ms {cost.peak_bytes / 1e6:8.0f} MB {cost.made_bytes / 1e3:8.0f} kB")
    result = figures(costs)
    result |= large_jpeg(next(photo for photo in photos if photo.name == "sunset.jpg"), develop_photo)
    result |= compared_looks(photos, develop_photo, score_pictures)
    for name, value in result.items():
        print(f"  {name:48}{value:>12}")
    to.mkdir(parents=True, exist_ok=True)
    (to / "develop.json").write_text(json.dumps(result, indent=2) + "\n")
