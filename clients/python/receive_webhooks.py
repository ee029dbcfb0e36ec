"""Receives Pennypost's webhooks: verifies each delivery, drops what came before, and prints one line per event.

    receive_webhooks.py --port 8090

PENNYPOST_WEBHOOK_SECRET holds the secret that PutWebhook answered; two with a comma between while one is changed. It
listens on loopback, where a gateway posts only with `Gateway:Webhooks:AllowLoopback=true`; in production it stands
behind whatever ends TLS. What was delivered is remembered in memory here: keep the ids where you keep what you do
with the events, in the same transaction.
"""

import argparse
import collections
import http.server
import os
import sys
import threading

from pennypost_webhooks import WebhookError, verify_webhook

# Ids that are remembered; a repeat comes within a day or by a replay.
REMEMBERED_MAX = 100_000
BODY_MAX_BYTES = 1 << 20


class Receiver(http.server.BaseHTTPRequestHandler):
    # Connections are kept: a delivery costs no handshake.
    protocol_version = "HTTP/1.1"
    secrets = []
    remembered = collections.OrderedDict()
    turn = threading.Lock()

    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        if length > BODY_MAX_BYTES:
            self._answer(413)
            return
        try:
            event = verify_webhook(self.secrets, self.headers, self.rfile.read(length))
        except WebhookError as error:
            print(f"refused: {error}", file=sys.stderr, flush=True)
            self._answer(401)
            return
        with self.turn:
            # First what is to be done with it, then the answer: what is not answered comes again.
            if event["eventId"] not in self.remembered:
                print(event["type"], event["subject"], event.get("sequence", "0"), event["eventId"], flush=True)
                self.remembered[event["eventId"]] = True
                if len(self.remembered) > REMEMBERED_MAX:
                    self.remembered.popitem(last=False)
        self._answer(204)

    def _answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """One line per event is enough."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8090)
    options = parser.parse_args()
    Receiver.secrets = [secret for secret in os.environ.get("PENNYPOST_WEBHOOK_SECRET", "").split(",") if secret]
    if not Receiver.secrets:
        print("PENNYPOST_WEBHOOK_SECRET is not set", file=sys.stderr)
        return 2
    with http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Receiver) as server:
        print("listening on", server.server_address[1], file=sys.stderr, flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
