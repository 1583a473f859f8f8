"""`make screenshots`: updates the README's screenshots, light and dark, from those of the browser tests.

    python -m infra.local.screenshots
"""

import shutil
import sys

from infra import build, proof
from infra.local import cloud, test
from infra.local.suite import Output, PartFailed
from infra.root import ROOT

SCREENSHOTS = ROOT / "end2end/test-results/screenshots"
README_IMAGES = ROOT / ".github"
SCHEMES = ("light", "dark")
TESTS = ["npx", "playwright", "test", "--grep", "becomes the owner|come in once|pages fit"]


def main() -> int:
    output = Output("screenshots")
    try:
        build.local_functions()
        build.local_site()
        test.make_stage(test.BROWSER, output)
        output.run(*TESTS, folder="end2end", SHOEBOX_STAGE=test.BROWSER.name, **proof.environment(test.BROWSER))
    except (build.Failed, PartFailed) as error:
        print(error)
        return 1
    finally:
        cloud.stop(test.BROWSER)
    for page in ("timeline", "viewer"):
        for scheme in SCHEMES:
            shutil.copy(SCREENSHOTS / f"{page}-wide-{scheme}.png", README_IMAGES / f"{page}-{scheme}.png")
    print(f"The screenshots are in {README_IMAGES.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
