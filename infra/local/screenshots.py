"""`make screenshots`: the README's pictures anew, light and dark, from what the browser's tests look at.

    python -m infra.local.screenshots
"""

import shutil
import sys

from infra import build, proof
from infra.local import cloud, test
from infra.local.suite import Output, PartFailed
from infra.root import ROOT

SEEN = ROOT / "end2end/test-results/screenshots"
PICTURES = ROOT / ".github"
SCHEMES = ("light", "dark")
LOOKS = ["npx", "playwright", "test", "--grep", "becomes the owner|come in once|pages fit"]


def main() -> int:
    output = Output("looks")
    try:
        build.functions_at_home()
        build.site_at_home()
        test.make_stage(test.BROWSER, output)
        output.run(*LOOKS, folder="end2end", SHOEBOX_STAGE=test.BROWSER.name, **proof.environment(test.BROWSER))
    except (build.Failed, PartFailed) as error:
        print(error)
        return 1
    finally:
        cloud.stop(test.BROWSER)
    for page in ("timeline", "viewer"):
        for scheme in SCHEMES:
            shutil.copy(SEEN / f"{page}-wide-{scheme}.png", PICTURES / f"{page}-{scheme}.png")
    print(f"The pictures are in {PICTURES.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
