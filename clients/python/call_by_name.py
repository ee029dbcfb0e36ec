"""Calls what it is told to: one JSON object a line in, one a line out, in order.

  in:  {"rpc": "GetPool", "request": {"poolId": "p1"}}         (the request as proto3 JSON, or base64 of its bytes)
  out: {"answer": {...}} or {"code": "NOT_FOUND", "reason": "POOL_NOT_FOUND", "violations": [], "details": "..."}

  echo '{"rpc": "ListPools", "request": {}}' | call_by_name.py --target localhost:5081 --key pp_live_...

The answers of a stream come together, as a list. A call that takes a stream is sent this one request.
"""

import argparse
import base64
import json
import sys

from google.protobuf import json_format, message_factory, symbol_database

from pennypost.gateway.v1 import admin_pb2 as admin
from pennypost.gateway.v1 import gateway_pb2 as gateway
from pennypost_client import Pennypost, PennypostError

METHODS = {
    **gateway.DESCRIPTOR.services_by_name["PennypostService"].methods_by_name,
    **admin.DESCRIPTOR.services_by_name["AdminService"].methods_by_name,
}


def message_class(descriptor):
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return symbol_database.Default().GetPrototype(descriptor)


def answer(pennypost, line):
    asked = json.loads(line)
    method = METHODS[asked["rpc"]]
    request = message_class(method.input_type)()
    if isinstance(asked["request"], str):
        request.ParseFromString(base64.b64decode(asked["request"]))
    else:
        json_format.ParseDict(asked["request"], request)
    try:
        answered = getattr(pennypost, method.name)([request] if method.client_streaming else request)
        if hasattr(answered, "DESCRIPTOR"):
            return {"answer": json_format.MessageToDict(answered)}
        return {"answer": [json_format.MessageToDict(item) for item in answered]}
    except PennypostError as error:
        fields = [field for field, _ in error.violations]
        return {"code": error.code.name, "reason": error.reason, "violations": fields, "details": error.details}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", required=True, help="host:port of the gRPC API")
    parser.add_argument("--key", required=True, help="an API key")
    options = parser.parse_args()
    with Pennypost(options.target, options.key) as pennypost:
        for line in sys.stdin:
            print(json.dumps(answer(pennypost, line)), flush=True)


if __name__ == "__main__":
    main()
