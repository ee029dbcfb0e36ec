"""Sends one message, watches it to its end, and, if it cost a credit, waits for the refund that a reply brings.

    send_and_watch.py --target localhost:5081 --key pp_live_... --message-id hello-1 --profile ada-lovelace --priority high

Prints one line per event. Exit code 0 when the message was sent (and, with --wait-for-refund, its credit came back).
"""

import argparse
import sys

from pennypost.gateway.v1 import gateway_pb2 as gateway
from pennypost.types.v1 import content_pb2 as content
from pennypost.types.v1 import message_pb2 as message
from pennypost.types.v1 import reason_pb2 as reason
from pennypost_client import Pennypost, PennypostError


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", required=True, help="host:port of the gRPC API")
    parser.add_argument("--key", required=True, help="an API key with messages:read and messages:write")
    parser.add_argument("--message-id", required=True, help="your id: the same id is sent once, however often this runs")
    parser.add_argument("--profile", required=True, help="LinkedIn profile URL or public identifier")
    parser.add_argument("--subject", default="One question")
    parser.add_argument("--body", default="Hello, may I ask you one question?")
    parser.add_argument("--note", default="")
    parser.add_argument("--priority", choices=["low", "normal", "high"], default="normal")
    parser.add_argument("--wait-for-refund", action="store_true", help="go on until the credit came back")
    parser.add_argument("--timeout", type=float, default=60, help="seconds, for the watch")
    return parser.parse_args()


def main():
    options = arguments()
    with Pennypost(options.target, options.key) as client:
        request = gateway.SendMessageRequest(
            message=gateway.MessageSpec(
                message_id=options.message_id,
                prospect=content.Prospect(profile=options.profile),
                content=content.Content(subject=options.subject, body=options.body, note=options.note),
                priority=content.Priority.Value(f"PRIORITY_{options.priority.upper()}"),
            )
        )
        accepted = client.SendMessage(request)
        print("known from before" if accepted.existed else "accepted", accepted.message.message_id, flush=True)

        watch = gateway.WatchMessageRequest(message_id=options.message_id, follow_replies=options.wait_for_refund)
        state = message.MESSAGE_STATE_UNSPECIFIED
        for item in client.WatchMessage(watch, timeout=options.timeout):
            event = item.event
            state = event.state
            kind = message.MessageEventKind.Name(event.kind).removeprefix("MESSAGE_EVENT_KIND_")
            channel_name = content.Channel.Name(event.channel).removeprefix("CHANNEL_") if event.channel else ""
            why = reason.Reason.Name(event.reason).removeprefix("REASON_") if event.reason else ""
            print(event.sequence, kind, channel_name, event.account_id, why, flush=True)
            if event.kind == message.MESSAGE_EVENT_KIND_REFUNDED:
                return 0
        if options.wait_for_refund:
            print("no refund came", file=sys.stderr)
            return 1
        return 0 if state == message.MESSAGE_STATE_SENT else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PennypostError as error:
        # Says which field, which limit, and why.
        print(error, file=sys.stderr)
        sys.exit(2)
