"""Watches a tenant's events: prints one line per event, and goes on where a connection broke.

    watch_events.py --target localhost:5081 --key pp_live_... --type message --type pool

With --from-token it goes on after an item of an earlier run: the last token is printed at the end, to the standard error.
"""

import argparse
import sys

from pennypost.gateway.v1 import events_pb2 as events
from pennypost_client import Pennypost, PennypostError


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", required=True, help="host:port of the gRPC API")
    parser.add_argument("--key", required=True, help="an API key with events:read")
    parser.add_argument("--type", action="append", default=[], help="a type or a family of them; all if none is named")
    parser.add_argument("--subject", action="append", default=[], help="the id of a message, pool or account")
    parser.add_argument("--from-token", default="", help="from now on if it is left out")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds")
    options = parser.parse_args()
    token = options.from_token
    with Pennypost(options.target, options.key) as client:
        request = events.WatchEventsRequest(types=options.type, subjects=options.subject, resume_token=token)
        try:
            for item in client.WatchEvents(request, timeout=options.timeout):
                token = item.resume_token
                event = item.event
                if item.HasField("event"):
                    print(event.type, event.subject, event.sequence, event.event_id, flush=True)
                elif not options.from_token and token:
                    print("watching", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            pass
        except PennypostError as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            print(f"--from-token {token}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
