"""Catalyst with the Node.js that it runs on: this starts it, and nothing else of it is Python."""

import os
import sys

_PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "program")


def main():
    """Runs catalyst with the arguments of this process, and ends as it does."""
    node = os.path.join(_PROGRAM, "runtime", "node.exe" if os.name == "nt" else "node")
    words = [node, os.path.join(_PROGRAM, "app", "bin", "run.js"), *sys.argv[1:]]
    if os.name == "nt":
        sys.exit(_wait_for(words))
    if sys.platform == "linux" and not _has_libatomic():
        _check(node)
    os.execv(node, words)


def _wait_for(words):
    """Runs it as a child: on Windows a process can't become another. Ctrl-C reaches both, and only the child answers it."""
    import signal
    import subprocess

    for name in (signal.SIGINT, signal.SIGBREAK):
        signal.signal(name, signal.SIG_IGN)
    return subprocess.call(words)


def _has_libatomic():
    folders = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"]
    folders += [f"/usr/lib/{os.uname().machine}-linux-gnu", f"/lib/{os.uname().machine}-linux-gnu"]
    return any(os.path.exists(os.path.join(folder, "libatomic.so.1")) for folder in folders)


def _check(node):
    """Says what to install where node does not start: this one library of its own is not on every machine."""
    import subprocess

    if subprocess.run([node, "--version"], capture_output=True).returncode == 0:
        return  # the library is somewhere else
    print("catalyst: Node.js needs the library libatomic, which is missing here. Nothing was done.", file=sys.stderr)
    print("Debian, Ubuntu: sudo apt install libatomic1", file=sys.stderr)
    print("Fedora, Red Hat: sudo dnf install libatomic", file=sys.stderr)
    sys.exit(1)
