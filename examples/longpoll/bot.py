"""A program that knows nothing of Catalyst: it asks a server for news, which answers when there is some.

That is how Telegram's bots work (getUpdates), and many others. In .env:
    BOT_COMMAND=python3 bot.py
    BOT_PROOF=network
    POLL_URL=http://127.0.0.1:9300/updates
"""

import http.client
import os
import time
from urllib.parse import urlsplit

URL = urlsplit(os.environ.get("POLL_URL", "http://127.0.0.1:9300/updates"))
LONGEST_PAUSE = 30


def main():
    pause = 1
    while True:
        # no timeout, as in many bots: a server that falls silent is waited for, for ever
        connection = http.client.HTTPConnection(URL.hostname, URL.port)
        try:
            while True:
                connection.request("GET", URL.path)
                answer = connection.getresponse().read().decode()
                pause = 1
                if answer:
                    print(f"INFO {answer}", flush=True)
        except (OSError, http.client.HTTPException) as error:
            print(f"WARNING {error!r}", flush=True)
        finally:
            connection.close()
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


if __name__ == "__main__":
    main()
