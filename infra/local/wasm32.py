"""The Rust compiler for WebAssembly.

rustup's toolchain is used if the target wasm32 is installed or can be downloaded. Otherwise Debian's compiler is used for wasm32, with a
standard library built once from source; host code is still compiled by rustup's compiler, which is 50 % faster.
"""

import os
import shutil
import stat
import subprocess
from pathlib import Path

TARGET = "wasm32-unknown-unknown"
PACKAGES = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22", "rust-web-clippy", "rustfmt-web"]
"""Packages in Debian's bookworm-security."""

_LIBRARIES = Path("/usr/lib/rustlib") / TARGET / "lib"
_BUILT_BY = _LIBRARIES / "built-by"
_PROGRAMS = ["rustc", "cargo", "rustdoc", "rustfmt", "cargo-fmt", "clippy-driver", "cargo-clippy"]
_MANIFEST = '[package]\nname = "std-build"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n'
_CHOOSE = """#!/bin/sh
# rustup's compiler lacks the standard library for {target}; Debian's has one that was built from source.
case " $* " in
  *{target}*) export RUSTUP_TOOLCHAIN=debian COMPILER_PATH="{linker}" ;;
esac
exec "{cargo}" "$@"
"""


def _output(*command: str, **environment: str) -> str | None:
    """A command's output; None if it fails."""
    try:
        done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def by_rustup() -> bool:
    """Whether rustup's toolchain has the target or can install it now."""
    root = _output("rustc", "--print", "sysroot")
    if root and any(Path(root, "lib/rustlib", TARGET, "lib").glob("libstd-*.rlib")):
        return True
    if os.environ.get("RUSTUP_AUTO_INSTALL") == "0":
        return False
    _output("rustup", "set", "auto-self-update", "disable")
    return _output("rustup", "target", "add", TARGET) is not None


def by_debian() -> bool:
    """Whether Debian's compiler has the target."""
    version = _output("/usr/bin/rustc", "--version")
    built_by = _BUILT_BY.read_text().strip() if _BUILT_BY.exists() else None
    return version is not None and version == built_by and _output("rustc", "--version", RUSTUP_TOOLCHAIN="debian") == version


def build_std(folder: Path, run) -> None:
    """Builds the standard library with Debian's compiler, and adds that compiler to rustup as the toolchain `debian`.

    The toolchain is a set of links in `folder`, which must be kept. `run(command, folder=…, **environment)` runs a command or raises.
    """
    source = folder / "std"
    shutil.rmtree(source, ignore_errors=True)
    (source / "src").mkdir(parents=True)
    (source / "src/lib.rs").touch()
    (source / "Cargo.toml").write_text(_MANIFEST)
    environment = {
        "RUSTC": "/usr/bin/rustc",
        "RUSTC_BOOTSTRAP": "1",
        "RUSTFLAGS": "-Cembed-bitcode=yes",
        "CARGO_TARGET_DIR": str(source / "target"),
        "CARGO_BUILD_BUILD_DIR": str(source / "target"),
    }
    command = ["/usr/bin/cargo", "build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort,proc_macro,test"]
    run(command, folder=source, **environment)
    _LIBRARIES.mkdir(parents=True, exist_ok=True)
    for old in _LIBRARIES.glob("*.rlib"):
        old.unlink()
    # CARGO_BUILD_BUILD_DIR above makes cargo put these there.
    for library in (source / "target" / TARGET / "release/deps").glob("*.rlib"):
        if not library.name.startswith("libstd_build-"):
            shutil.copy(library, _LIBRARIES)
    _BUILT_BY.write_text(_output("/usr/bin/rustc", "--version") or "")
    shutil.rmtree(source)
    link_toolchain(folder, run)


def link_toolchain(folder: Path, run) -> None:
    """Adds Debian's compiler to rustup."""
    toolchain = folder / "debian"
    for part in ("bin", "lib"):
        (toolchain / part).mkdir(parents=True, exist_ok=True)
    _link(toolchain / "lib/rustlib", Path("/usr/lib/rustlib"))
    for program in _PROGRAMS:
        if Path("/usr/bin", program).exists():
            _link(toolchain / "bin" / program, Path("/usr/bin", program))
    # Use lld for build scripts: GNU ld, the default, takes ten times as long.
    (folder / "lld").mkdir(exist_ok=True)
    _link(folder / "lld/ld", Path("/usr/bin/ld.lld-22"))
    run(["rustup", "toolchain", "link", "debian", str(toolchain)])


def write_cargo(script: Path, folder: Path) -> None:
    """Writes a `cargo` wrapper that selects the toolchain by the target."""
    cargo = shutil.which("cargo", path=os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part != str(script.parent)))
    script.write_text(_CHOOSE.format(target=TARGET, linker=folder / "lld", cargo=cargo))
    script.chmod(script.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)
