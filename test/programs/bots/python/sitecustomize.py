# Loaded before a program: at SIGUSR2 its main thread is blocked for ever, while a side thread lives on.
import signal
import threading
import time


def stuck(*_):
    while True:
        time.sleep(3600)


def live():
    while True:
        time.sleep(0.1)


if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGUSR2, stuck)
    threading.Thread(target=live, daemon=True).start()
