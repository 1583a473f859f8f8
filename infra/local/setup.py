"""Installs what a command needs; commands that need a debug build of the functions build it at the same time.

    python3 -m infra.local.setup cloud|dev|test|drill|release|bench|proof|deploy|all

Tools, Python environments and compiled crates are in a cache of the user, see `infra.cache`. This clone's `.tools` has links to them, and
`env`, a file for shells to source. Independent steps run in parallel. It is idempotent, and needs only the system's Python.
"""

import filecmp
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from infra import build, cache
from infra.local import artifacts, wasm32
from infra.local.tasks import NotRun, Task, run_all
from infra.root import ROOT
from infra.timing import fail, step

TOOLS = ROOT / ".tools"
ENVIRONMENT = TOOLS / "env"
CARGO_LEPTOS = "0.3.11"
PROGRAMS = {
    "cargo": "Install Rust from https://rustup.rs",
    "rustup": "Install Rust from https://rustup.rs",
    "node": "Install Node.js 20 or later from https://nodejs.org",
    "npm": "Install npm 10 or later; it comes with Node.js",
}
RUST = ["debian", "wasm32", "wasm-bindgen", "cargo-leptos"]
BROWSER = ["npm", "chromium"]
PURPOSES = {
    "cloud": ["python"],
    "dev": [*RUST, "python", "functions", "client"],
    "test": [*RUST, "python", *BROWSER, "checkov", "schemathesis", "functions", "client"],
    "drill": [*RUST, "python", *BROWSER, "functions"],
    "release": ["python"],
    "bench": [*RUST, "python", *BROWSER],
    "proof": ["python", *BROWSER],
    "deploy": [*RUST, "python", "npm", "checkov"],
    "all": [*RUST, "python", *BROWSER, "checkov", "schemathesis"],
}
"""The tasks that each command needs."""


def wasm_bindgen_version() -> str:
    """The pinned version of the crate, which the tool's must equal."""
    found = re.search(r'^wasm-bindgen *= *"=([0-9.]+)"', (ROOT / "Cargo.toml").read_text(), re.M)
    if not found:
        raise build.Failed("Cargo.toml does not pin wasm-bindgen")
    return found[1]


def tool_folder(name: str, version: str) -> Path:
    return cache.folder() / "tools" / f"{name}-{version}"


def link(name: str, target: Path) -> None:
    """Makes or replaces a link in `.tools`."""
    path = TOOLS / name
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


# Debian packages


def as_root(*command: str) -> None:
    build.run([*([] if os.getuid() == 0 else ["sudo", "-n"]), *command], DEBIAN_FRONTEND="noninteractive")


def debian_release() -> bool:
    try:
        return "\nID=debian" in "\n" + Path("/etc/os-release").read_text()
    except OSError:
        return False


def missing_packages(purpose: str, rustup_has_wasm32: bool) -> list[str]:
    """The Debian packages to install."""
    programs = {"cc": "build-essential", "cmake": "cmake", "nasm": "nasm", "ccache": "ccache", "readelf": "binutils"}
    wanted = [package for program, package in programs.items() if not shutil.which(program)]
    if subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode:
        wanted.append("python3-venv")
    # Ubuntu's chromium package only installs a snap; there Playwright's build is used.
    if "chromium" in PURPOSES[purpose] and debian_release() and not shutil.which("chromium"):
        wanted.append("chromium")
    # Some Ubuntu releases do not have it; without it one test is skipped.
    if purpose in ("test", "all") and debian_release() and not shutil.which("njs"):
        wanted.append("njs")
    if not rustup_has_wasm32 and not Path("/usr/bin/ld.lld-22").exists():
        wanted += wasm32.PACKAGES
    return wanted


def install_packages(packages: list[str]) -> None:
    try:
        as_root("apt-get", "update", "-q")
        as_root("apt-get", "install", "-y", "-q", "--no-install-recommends", *packages)
    except (OSError, build.Failed) as error:
        raise build.Failed(f"Debian packages could not be installed. As root, run: apt-get install -y {' '.join(packages)}\n{error}") from error


# Python, npm, the browser


def python_environment(name: str, requirements: Path) -> None:
    """A virtual environment with exactly these requirements, shared by clones with the same ones."""
    key = requirements.read_text() + sys.version
    folder = cache.folder() / "python" / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    if not (folder / "done").exists():
        with step(f"Python environment: {name}", usual=30):
            shutil.rmtree(folder, ignore_errors=True)
            build.run([sys.executable, "-m", "venv", str(folder)])
            build.run([str(folder / "bin/pip"), "install", "-q", "--disable-pip-version-check", "-r", str(requirements)])
            (folder / "done").touch()
    link(name, folder)


def npm_packages() -> None:
    lock, installed = ROOT / "end2end/package-lock.json", ROOT / "end2end/node_modules/installed"
    if not installed.exists() or not filecmp.cmp(lock, installed, shallow=False):
        with step("npm packages", usual=15):
            build.run(["npm", "ci", "--prefer-offline", "--no-audit", "--no-fund"], folder=ROOT / "end2end")
            shutil.copy(lock, installed)


def playwright_chromium() -> None:
    """Installs Playwright's Chromium unless Debian's is installed."""
    if shutil.which("chromium") and debian_release():
        return
    find = "console.log(require('@playwright/test').chromium.executablePath())"
    located = subprocess.run(["node", "-e", find], cwd=ROOT / "end2end", capture_output=True, text=True).stdout.strip()
    if not located or not Path(located).exists():
        with step("Playwright's Chromium", usual=60):
            build.run(["npx", "playwright", "install", "--with-deps", "chromium"], folder=ROOT / "end2end")
    link("chromium", Path(located))


# Rust


def wasm32_target(rustup_has_it: bool) -> None:
    if rustup_has_it:
        (TOOLS / "bin/cargo").unlink(missing_ok=True)
        return
    folder = cache.folder() / "rust"
    if not wasm32.by_debian():
        with step("standard library for wasm32", usual=50) as running:
            wasm32.build_std(folder, lambda command, **options: build.run(command, running, **options))
    (TOOLS / "bin").mkdir(parents=True, exist_ok=True)
    wasm32.write_cargo(TOOLS / "bin/cargo", folder)


def cargo_install(tool: str, version: str, *arguments: str) -> None:
    """Builds and installs a tool, unless that version is in the cache."""
    folder = tool_folder(tool, version)
    if not (folder / "done").exists():
        target = str(cache.folder() / "tools/build")
        # The same profile for all, so that shared crates are compiled once. cargo-leptos' own profile (fat LTO) takes three times as long.
        profile = {
            "CARGO_PROFILE_DEV_DEBUG": "0",
            "CARGO_INCREMENTAL": "0",
            "CARGO_TARGET_DIR": target,
            "CARGO_BUILD_BUILD_DIR": target,
        }
        with step(f"{tool} {version}", usual={"cargo-leptos": 270, "wasm-bindgen": 60}.get(tool)) as running:
            # The functions take longest, and their last crates leave a core idle: they go first.
            build.run(["nice", "cargo", "install", "--debug", "--version", version, "--root", str(folder), *arguments], running, **profile)
        (folder / "done").touch()
    link(f"bin/{tool}", folder / "bin" / tool)


def wasm_bindgen() -> None:
    # Optimise the crates that process megabytes of WebAssembly.
    optimised = [f"profile.dev.package.{crate}.opt-level=2" for crate in ("walrus", "wasmparser", "wasm-encoder", "wasm-bindgen-cli-support", "rustc-demangle")]
    arguments = [part for setting in optimised for part in ("--config", setting)]
    cargo_install("wasm-bindgen", wasm_bindgen_version(), "wasm-bindgen-cli", "--bin", "wasm-bindgen", *arguments)


def cargo_leptos() -> None:
    cargo_install("cargo-leptos", CARGO_LEPTOS, "cargo-leptos", "--locked", "--ignore-rust-version", "--features", "no_downloads")


# Environment and tasks


def environment() -> dict[str, str]:
    """The environment variables of all commands, in addition to the user's."""
    path = [TOOLS / "bin", TOOLS / "python/bin", ROOT / "end2end/node_modules/.bin"]
    inherited = [part for part in os.environ["PATH"].split(os.pathsep) if Path(part) not in path]
    compiler = cache.folder() / "tools/compiler"
    chromium = {"CHROMIUM": str(TOOLS / "chromium")} if (TOOLS / "chromium").exists() else {}
    return chromium | {
        "PATH": os.pathsep.join([*map(str, path), *inherited]),
        "CARGO_BUILD_BUILD_DIR": artifacts.template(),
        # libaom takes minutes to build: share it between profiles.
        "CMAKE_C_COMPILER_LAUNCHER": str(compiler),
        "CCACHE_DIR": str(cache.folder() / "ccache"),
        "CCACHE_BASEDIR": str(cache.folder()),
        "CCACHE_NOHASHDIR": "1",
    }


def write_environment(variables: dict[str, str]) -> None:
    TOOLS.mkdir(exist_ok=True)
    cache.folder().joinpath("tools").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "infra/local/compiler", variables["CMAKE_C_COMPILER_LAUNCHER"])
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items() if name != "PATH"]
    added = variables["PATH"].split(os.pathsep)[:3]
    temporary = ENVIRONMENT.with_suffix(".new")
    temporary.write_text("\n".join([f'export PATH={shlex.quote(os.pathsep.join(added))}:"$PATH"', *lines, ""]))
    temporary.replace(ENVIRONMENT)


def tasks(purpose: str) -> list[Task]:
    """The tasks for a purpose, with their dependencies."""
    rustup_has_wasm32 = "wasm32" not in PURPOSES[purpose] or wasm32.by_rustup()
    packages = missing_packages(purpose, rustup_has_wasm32)

    def debian() -> None:
        if packages:
            with step(f"Debian packages: {' '.join(packages[:4])}{' …' if packages[4:] else ''}", usual=30):
                install_packages(packages)

    local = ROOT / "infra/local"
    every = [
        Task("debian", debian),
        Task("wasm32", lambda: wasm32_target(rustup_has_wasm32), ("debian",)),
        Task("wasm-bindgen", wasm_bindgen, ("debian",)),
        # In sequence, because they share a target folder.
        Task("cargo-leptos", cargo_leptos, ("wasm-bindgen",)),
        Task("artifacts", artifacts.prepare, ("debian",)),
        Task("functions", build.local_functions, ("artifacts",)),
        # In a target folder of its own, so neither waits for the other.
        Task("client", build.client_crates, ("artifacts", "wasm32")),
        Task("python", lambda: python_environment("python", local / "requirements.txt"), ("debian",)),
        Task("checkov", lambda: python_environment("checkov", local / "checkov.txt"), ("python",)),
        Task("schemathesis", lambda: python_environment("schemathesis", local / "schemathesis.txt"), ("checkov",)),
        Task("npm", npm_packages),
        Task("chromium", playwright_chromium, ("debian", "npm")),
    ]
    return [task for task in every if task.name in ("debian", "artifacts", *PURPOSES[purpose])]


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in PURPOSES:
        return fail(__doc__)
    for program, advice in PROGRAMS.items():
        if not shutil.which(program):
            return fail(f"Missing: {program}. {advice}")
    wanted = tasks(arguments[0])
    variables = environment()
    write_environment(variables)
    os.environ |= variables
    failed = run_all(wanted, lambda task, error: isinstance(error, NotRun) or fail(f"\n{task}: {error}"))
    # Again, because Playwright's Chromium may be installed now.
    write_environment(environment())
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
