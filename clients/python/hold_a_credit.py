"""Takes one credit of a credits service that runs alone through its life: held, captured, refunded; and proves the books.

    hold_a_credit.py --target localhost:5101 --token ... --hold-id hello-1

Run it again: the same answers, and nothing is charged twice. Exit code 0 when all of it held.
"""

import argparse
import sys

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from pennypost.credits.v1 import credits_pb2 as credits
from pennypost.credits.v1 import credits_pb2_grpc
from pennypost.types.v1 import plan_pb2 as plan
from pennypost.types.v1 import pool_pb2 as pool
from pennypost_client import PennypostError

CALL_SECONDS = 10


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", required=True, help="host:port of the credits service's gRPC")
    parser.add_argument("--token", required=True, help="one of its Hosting:ServiceTokens")
    parser.add_argument("--tenant", default="acme", help="whose pool: the service trusts whoever has the token")
    parser.add_argument("--pool-id", default="ann-sales-navigator")
    parser.add_argument("--hold-id", default="hello-1", help="your id: the same id is held once, however often this runs")
    return parser.parse_args()


def main():
    options = arguments()
    metadata = [("authorization", f"Bearer {options.token}"), ("pennypost-tenant", options.tenant)]
    with grpc.insecure_channel(options.target) as channel:
        stub = credits_pb2_grpc.CreditsServiceStub(channel)

        def call(method, request):
            try:
                return getattr(stub, method)(request, metadata=metadata, timeout=CALL_SECONDS, wait_for_ready=True)
            except grpc.RpcError as error:
                raise PennypostError.of(error) from None

        ids = {"pool_id": options.pool_id, "hold_id": options.hold_id}
        call("CreatePool", credits.CreatePoolRequest(pool_id=options.pool_id, plan_id="sales_navigator_core"))
        held = call("PlaceHold", credits.PlaceHoldRequest(account_id="ann", **ids))
        print("hold", held.hold.hold_id, pool.HoldState.Name(held.hold.state), flush=True)
        # A hold tells when it was placed: the same times each time this runs, so that it asks the same.
        captured = call("CaptureHold", credits.CaptureHoldRequest(send_time=held.hold.create_time, **ids))
        print("captured; a reply refunds it until", captured.hold.refund_until.ToJsonString(), flush=True)
        replied = Timestamp(seconds=held.hold.create_time.seconds + 1)
        refund = credits.RefundHoldRequest(reply_time=replied, trigger=plan.REFUND_TRIGGER_REPLY, **ids)
        print("refund", credits.RefundResult.Name(call("RefundHold", refund).result), flush=True)

        balance = call("GetPool", credits.GetPoolRequest(pool_id=options.pool_id)).pool.balance
        print(f"{balance.available} available, {balance.held} held, {balance.spent} spent, {balance.refunded} refunded", flush=True)
        proof = call("VerifyJournal", credits.VerifyJournalRequest(pool_id=options.pool_id))
        print("journal", "verified" if proof.valid else "WRONG", proof.entries, "entries", *proof.findings, flush=True)
        return 0 if proof.valid else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PennypostError as failed:
        sys.exit(str(failed))
