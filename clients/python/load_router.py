"""Asks a router that runs alone about one prospect, and then about as many as it answers for some seconds.

    load_router.py --target localhost:5201 --token ... --seconds 10

First the answer is shown: every sender and channel judged, and why. Then the load: by default one call for each prospect
from several threads, each waiting for its answer; with --stream over RouteMany, with several on their way. One Python
process is slower than the router: start several for more. Exit code 0 when every answer was a decision.
"""

import argparse
import queue
import sys
import threading
import time

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from pennypost.router.v1 import facts_pb2 as facts
from pennypost.router.v1 import router_pb2 as router
from pennypost.router.v1 import router_pb2_grpc
from pennypost.types.v1 import account_pb2 as account
from pennypost.types.v1 import content_pb2 as content
from pennypost.types.v1 import decision_pb2 as decision
from pennypost.types.v1 import planning_pb2 as planning
from pennypost.types.v1 import reason_pb2 as reason
from pennypost_client import PennypostError

CALL_SECONDS = 10
STREAM_IN_FLIGHT = 64


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", required=True, help="host:port of the router's gRPC")
    parser.add_argument("--token", required=True, help="one of its Hosting:ServiceTokens")
    parser.add_argument("--tenant", default="acme", help="for whom: the service trusts whoever has the token")
    parser.add_argument("--senders", type=int, default=2, help="senders that are judged, each by six channels: 1 to 100")
    parser.add_argument("--seconds", type=float, default=10, help="how long it is loaded")
    parser.add_argument("--threads", type=int, default=4, help="callers, or streams, at a time")
    parser.add_argument("--stream", action="store_true", help="RouteMany in place of Route")
    return parser.parse_args()


def question(senders):
    """A message that matters, to a stranger with a closed profile; the senders' credits were read just now."""
    now = Timestamp()
    now.GetCurrentTime()
    request = router.RouteRequest(
        prospect=facts.ProspectState(),
        content=content.Content(subject="A question", body="May I ask you one about routing?", note="May I ask you one question about routing?"),
        priority=content.PRIORITY_HIGH,
        now=now,
    )
    for number in range(1, senders + 1):
        request.senders.add(
            account_id=f"sender-{number}",
            tier=content.TIER_SALES_NAVIGATOR,
            state=account.ACCOUNT_STATE_OK,
            network_distance=facts.ObservedDistance(value=planning.NETWORK_DISTANCE_THIRD_DEGREE, observe_time=now),
            open_profile=facts.Observed(value=False, observe_time=now),
            can_send_inmail=facts.Observed(value=True, observe_time=now),
            # It invited them before, and was not answered yet.
            invitation=facts.Invitation(state=planning.INVITATION_STATE_PENDING, send_time=now, observe_time=now),
            credits=router.SenderCredits(
                pool_id=f"pool-{number}", available=10 * number, price_micros=10_000_000, currency="USD", observe_time=now
            ),
            open_profile_remaining=800,
        )
    return request


def show(answer):
    print(answer.explanation)
    for candidate in answer.candidates:
        words = [candidate.account_id, content.Channel.Name(candidate.channel), decision.Verdict.Name(candidate.verdict)]
        if candidate.reason:
            words.append(reason.Reason.Name(candidate.reason))
        if candidate.credit_cost:
            words.append(f"costs {candidate.credit_cost} credit, {candidate.expected_net_cost:.2f} expected to stay spent")
        print(" ", *words, flush=True)


def call_for(seconds, stub, metadata, request):
    """Latencies of as many calls as fit, one after the other."""
    found, end = [], time.monotonic() + seconds
    while (began := time.monotonic()) < end:
        answer = stub.Route(request, metadata=metadata, timeout=CALL_SECONDS)
        found.append(time.monotonic() - began)
        if not answer.decision.outcome:
            raise AssertionError("an answer without a decision")
    return found


def stream_for(seconds, stub, metadata, request):
    """Latencies of the items of one stream, so many of them on their way at a time."""
    sent, free, end = queue.SimpleQueue(), threading.Semaphore(STREAM_IN_FLIGHT), time.monotonic() + seconds

    def items():
        number = 0
        while time.monotonic() < end:
            # Answers that do not come any more must not keep it for ever.
            if free.acquire(timeout=CALL_SECONDS):
                number += 1
                sent.put((str(number), time.monotonic()))
                yield router.RouteManyRequest(correlation_id=str(number), route=request)

    found = []
    for answer in stub.RouteMany(items(), metadata=metadata, timeout=seconds + CALL_SECONDS):
        expected, began = sent.get()
        found.append(time.monotonic() - began)
        free.release()
        if answer.correlation_id != expected or not answer.decision.outcome:
            raise AssertionError("an answer out of turn, or without a decision")
    return found


def load(options, metadata, request):
    found, failed = [], []

    def one():
        try:
            # A connection for each, as separate programs would have.
            with grpc.insecure_channel(options.target, [("grpc.use_local_subchannel_pool", 1)]) as channel:
                stub = router_pb2_grpc.RouterServiceStub(channel)
                found.extend((stream_for if options.stream else call_for)(options.seconds, stub, metadata, request))
        except grpc.RpcError as error:
            failed.append(PennypostError.of(error))
        except AssertionError as error:
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(options.threads)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return sorted(found), time.monotonic() - began


def main():
    options = arguments()
    metadata = [("authorization", f"Bearer {options.token}"), ("pennypost-tenant", options.tenant)]
    request = question(options.senders)
    shown = router.RouteRequest()
    shown.CopyFrom(request)
    shown.explain = True
    with grpc.insecure_channel(options.target) as channel:
        try:
            answer = router_pb2_grpc.RouterServiceStub(channel).Route(shown, metadata=metadata, timeout=CALL_SECONDS, wait_for_ready=True)
        except grpc.RpcError as error:
            raise PennypostError.of(error) from None
    show(answer.decision)

    times, took = load(options, metadata, request)
    middle, late = times[len(times) // 2] * 1000, times[int(len(times) * 0.99)] * 1000
    print(f"Routed {len(times):,} prospects, {len(answer.decision.candidates)} candidates each, in {took:.1f} s: {len(times) / took:,.0f} a second; "
          f"ms p50 {middle:.2f}, p99 {late:.2f}, max {times[-1] * 1000:.1f}", flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (PennypostError, AssertionError) as failed:
        sys.exit(str(failed))
