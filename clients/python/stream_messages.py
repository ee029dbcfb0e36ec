"""Hands over messages as they come: one JSON object a line in, what became of it a line out, in the same order.

    stream_messages.py --target localhost:5081 --key pp_live_... < messages.ndjson

  in:  {"messageId": "hello-1", "prospect": {"profile": "ada-lovelace"}, "content": {"body": "One question?"}}
  out: {"messageId": "hello-1", "message": {...}} or {"messageId": "hello-1", "refusal": {"reason": "INVALID_REQUEST", ...}}

Exit code 0: every line was accepted. 1: some were refused. 2: it was called wrongly. Run again, it sends nothing twice.
"""

import argparse
import json
import sys

from google.protobuf import json_format

from pennypost.gateway.v1 import gateway_pb2 as gateway
from pennypost_client import Pennypost


def requests(lines, validate_only):
    for line in lines:
        if line.strip():
            yield gateway.StreamMessagesRequest(message=json_format.Parse(line, gateway.MessageSpec()), validate_only=validate_only)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", required=True, help="host:port of the gRPC API")
    parser.add_argument("--key", required=True, help="an API key with messages:write")
    parser.add_argument("--validate-only", action="store_true", help="check everything, keep nothing")
    parser.add_argument("--tls", action="store_true", help="encrypt")
    options = parser.parse_args()
    refused = 0
    with Pennypost(options.target, options.key, options.tls) as pennypost:
        for answer in pennypost.StreamMessages(requests(sys.stdin, options.validate_only)):
            print(json.dumps(json_format.MessageToDict(answer.result)), flush=True)
            refused += answer.result.HasField("refusal")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
