"""A bot as a program of its own: it tells of each new file in data/inbox. Python 3, nothing to install.

In .env:
    BOT_COMMAND=python3 bot.py
    INBOX_EVERY_SECONDS=10

It reports each finished round to the address in CATALYST_REPORT_URL, with the time until the next one, so that a hang
is noticed. It ends when asked: by SIGTERM, and where there are no signals (Windows) when its standard input ends.

Without Catalyst it only prints: python3 bot.py
"""

import json
import os
import signal
import sys
import threading
import urllib.request

REPORT_URL = os.environ.get("CATALYST_REPORT_URL")
HOME = os.environ.get("CATALYST_HOME", ".")
INBOX = os.path.join(HOME, "data", "inbox")
EVERY_SECONDS = float(os.environ.get("INBOX_EVERY_SECONDS", "10"))

end = threading.Event()
# the reports go to this machine: never through a proxy
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def report(kind, **fields):
    """Sends one report. A bot must not fail because nobody listens."""
    if not REPORT_URL:
        return
    body = json.dumps(fields).encode()
    request = urllib.request.Request(f"{REPORT_URL}/{kind}", body, {"Content-Type": "application/json"})
    try:
        direct.open(request, timeout=5).close()
    except OSError as error:
        print(f"WARNING could not report: {error}", file=sys.stderr)


def look(seen):
    """One round of work: the names of the files that came in."""
    os.makedirs(INBOX, exist_ok=True)
    files = set(os.listdir(INBOX))
    for name in sorted(files - seen):
        print(f"INFO new file: {name}")
        report("alert", message=f"new file: {name}")
    return files


def end_with_stdin():
    """Waits for the end of the standard input. It is Catalyst's pipe, so only where that started us."""
    while os.read(0, 4096):  # not sys.stdin: Python can't end while a thread reads that
        pass
    end.set()


def main():
    signal.signal(signal.SIGTERM, lambda *_: end.set())
    signal.signal(signal.SIGINT, lambda *_: end.set())
    if REPORT_URL:
        threading.Thread(target=end_with_stdin, daemon=True).start()
    print(f"INFO watching {INBOX}")
    seen = set()
    while not end.is_set():
        try:
            seen = look(seen)
            report("cycle", next_in_seconds=EVERY_SECONDS)
        except OSError as error:
            print(f"ERROR {error}", file=sys.stderr)
            report("error", message=str(error))
        end.wait(EVERY_SECONDS)
    print("INFO goodbye")


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    main()
