"""Servers from the registries of their languages. What was had once is taken from the cache."""

import os
import shutil
import subprocess

from provider import Unavailable, need


def maven(cache, group, artifact, version, kind):
    """The path of an artifact's file."""
    need("mvn", "Maven")
    folder = os.path.join(cache, "maven")
    file = os.path.join(folder, f"{artifact}-{version}.{kind}")
    if not os.path.exists(file):
        run(["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={group}:{artifact}:{version}:{kind}",
             f"-DoutputDirectory={folder}"], os.getcwd())
    return file


def go_build(cache, name, version, package, modules, source=None, tags="", replace=()):
    """The path of a program that is built in a module of our own, which requires `modules`.

    Not `go install`: it refuses modules that replace others. `source`: files of our own to compile instead.
    """
    need("go", "the Go toolchain")
    program = os.path.join(cache, "bin", f"{name}-{version}")
    if is_current(program, source):
        return program
    folder = os.path.join(cache, "go", f"{name}-{version}")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    run(["go", "mod", "init", f"providers/{name}"], folder)
    for one in replace:
        run(["go", "mod", "edit", f"-replace={one}"], folder)
    if source:
        for file in os.listdir(source):
            shutil.copy(os.path.join(source, file), folder)
        run(["go", "get", *modules], folder)
        run(["go", "get", "."], folder)
    else:
        run(["go", "get", "-tool", *modules], folder)
    run(["go", "build", "-tags", tags, "-o", program, package], folder)
    return program


def go_build_checkout(cache, name, version, checkout, package):
    """The path of a program that is built in a checkout of its own repository."""
    need("go", "the Go toolchain")
    program = os.path.join(cache, "bin", f"{name}-{version}")
    if not os.path.exists(program):
        run(["go", "build", "-o", program, package], checkout)
    return program


def is_current(program, source):
    if not os.path.exists(program):
        return False
    files = [os.path.join(source, file) for file in os.listdir(source)] if source else []
    return all(os.path.getmtime(file) <= os.path.getmtime(program) for file in files)


def run(arguments, folder):
    try:
        result = subprocess.run(["nice", *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                                text=True, errors="replace")
    except OSError as error:
        raise Unavailable(f"{arguments[0]}: {error}") from None
    if result.returncode:
        lines = (result.stderr or result.stdout).strip().splitlines()
        raise Unavailable(f"{' '.join(arguments[:3])} fails: {' '.join(lines[-3:])[:300]}")
