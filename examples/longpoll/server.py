"""A server for the bot beside it, on loopback: it answers each question after ten seconds, sometimes with news."""

import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Updates(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        time.sleep(10)
        news = time.strftime("it is %H:%M").encode() if time.time() % 60 < 10 else b""
        self.send_response(200)
        self.send_header("Content-Length", str(len(news)))
        self.end_headers()
        self.wfile.write(news)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9300"))), Updates).serve_forever()
