"""`make screenshots`: the README's pictures anew, light and dark, from what the browser's tests look at.

    python -m infra.local.screenshots
"""

import shutil
import sys

from infra import build, proof
from infra.local import cloud
from infra.local import test as suite
from infra.stage import ROOT

SEEN = ROOT / "end2end/test-results/screenshots"
PICTURES = ROOT / ".github"
SCHEMES = ("light", "dark")
LOOKS = ["npx", "playwright", "test", "--grep", "becomes the owner|come in once|pages fit"]


def main() -> int:
    try:
        build.site_at_home()
        build.doors_at_home()
        suite.made_stage()
        suite.run(*LOOKS, folder="end2end", SHOEBOX_STAGE=suite.STAGE.name, **proof.environment(suite.STAGE))
    except (build.Failed, suite.PartFailed) as error:
        print(error)
        return 1
    finally:
        cloud.stop(suite.STAGE)
    for page in ("timeline", "viewer"):
        for scheme in SCHEMES:
            shutil.copy(SEEN / f"{page}-wide-{scheme}.png", PICTURES / f"{page}-{scheme}.png")
    print(f"The pictures are in {PICTURES.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
