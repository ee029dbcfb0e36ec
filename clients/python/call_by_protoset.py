"""Any unary call or stream, from the descriptor set that the gateway serves: no generated code.

    curl -s http://localhost:5080/pennypost.protoset -o pennypost.protoset
    call_by_protoset.py --protoset pennypost.protoset --target localhost:5081 --key pp_live_... PennypostService/ListPools '{}'

The request is proto3 JSON; so is each answer, one a line. Exit code 0, or 1 with what was refused.
"""

import argparse
import json
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

PACKAGE = "pennypost.gateway.v1"
CALL_SECONDS = 60


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--protoset", required=True, help="the descriptor set")
    parser.add_argument("--target", required=True, help="host:port of the gRPC API")
    parser.add_argument("--key", required=True, help="an API key")
    parser.add_argument("rpc", help="SERVICE/RPC, of the package " + PACKAGE)
    parser.add_argument("request", help="the request as proto3 JSON")
    options = parser.parse_args()

    pool = descriptor_pool.DescriptorPool()
    with open(options.protoset, "rb") as file:
        for described in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file:
            pool.Add(described)
    service, rpc = options.rpc.split("/")
    method = pool.FindServiceByName(f"{PACKAGE}.{service}").methods_by_name[rpc]
    factory = message_factory.MessageFactory(pool)
    request = json_format.Parse(options.request, factory.GetPrototype(method.input_type)())
    answer = factory.GetPrototype(method.output_type)

    with grpc.insecure_channel(options.target) as channel:
        make = channel.unary_stream if method.server_streaming else channel.unary_unary
        call = make(f"/{PACKAGE}.{service}/{rpc}", request_serializer=lambda message: message.SerializeToString(), response_deserializer=answer.FromString)
        answers = call(request, timeout=CALL_SECONDS, metadata=[("authorization", f"Bearer {options.key}")])
        for item in answers if method.server_streaming else [answers]:
            print(json.dumps(json_format.MessageToDict(item, descriptor_pool=pool)), flush=True)


if __name__ == "__main__":
    try:
        main()
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
