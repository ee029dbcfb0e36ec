"""Has a router judge counts: how often what was sent is answered, which text is better, and what a conversation costs.

    measure_rates.py --target localhost:5201 --token ... --counts examples/counts.csv --credit-price 10 --currency USD

The file has a line for each channel, segment and variant, by the names of OutreachCounts in rates.proto; a column that is
left out is 0 or empty. Only what had the time to be answered belongs there. Exit code 0 when it was judged.
"""

import argparse
import csv
import sys

import grpc

from pennypost.router.v1 import rates_pb2 as router_rates
from pennypost.router.v1 import router_pb2_grpc
from pennypost.types.v1 import content_pb2 as content
from pennypost.types.v1 import rates_pb2 as rates
from pennypost_client import PennypostError

CALL_SECONDS = 10
MICROS = 1_000_000
NUMBERS = ["sent", "accepted", "replied", "meetings", "credits_spent", "credits_refunded"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", required=True, help="host:port of the router's gRPC")
    parser.add_argument("--token", required=True, help="one of its Hosting:ServiceTokens")
    parser.add_argument("--tenant", default="acme", help="for whom: the service trusts whoever has the token")
    parser.add_argument("--counts", required=True, help="a CSV file")
    parser.add_argument("--credit-price", type=float, default=0, help="of a credit that stays spent")
    parser.add_argument("--send-price", action="append", default=[], metavar="CHANNEL=PRICE", help="of a send, beside credits")
    parser.add_argument("--currency", default="", help="of the prices; ISO 4217")
    return parser.parse_args()


def channel(name):
    return content.Channel.Value("CHANNEL_" + name.strip().upper())


def question(options):
    request = router_rates.MeasureRatesRequest(
        unit_costs=rates.UnitCosts(
            currency=options.currency,
            credit_micros=round(options.credit_price * MICROS),
            send_costs=[
                rates.SendCost(channel=channel(name), micros=round(float(price) * MICROS))
                for name, price in (pair.split("=", 1) for pair in options.send_price)
            ],
        )
    )
    with open(options.counts, newline="", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            request.counts.add(
                channel=channel(line["channel"]),
                segment=line.get("segment") or "",
                variant=line.get("variant") or "",
                **{name: int(line.get(name) or 0) for name in NUMBERS},
            )
    return request


def name(of):
    return content.Channel.Name(of.channel).removeprefix("CHANNEL_").lower()


def percent(estimate):
    return f"{estimate.expected:.1%} ({estimate.low:.1%} to {estimate.high:.1%})"


def show(answer):
    for rate in answer.rates:
        accepts = f", accepted {rate.accepted}: {percent(rate.accept_rate)}" if rate.HasField("accept_rate") else ""
        print(f"{name(rate)} {rate.segment or '*'} {rate.variant or '*'}: sent {rate.sent}, replied {rate.replied}: {percent(rate.reply_rate)}{accepts}")
    for one in answer.comparisons:
        what = rates.RateKind.Name(one.kind).removeprefix("RATE_KIND_").lower()
        print(f"{name(one)} {one.segment or '*'}, by {what} rate: {one.best_variant} is better than {one.other_variant} with {one.probability_better:.1%}")
    for cost in answer.costs:
        each = [f"{micros / MICROS:,.2f} for a {what}" for field, what, micros in [
            ("micros_per_conversation", "conversation", cost.micros_per_conversation),
            ("micros_per_meeting", "meeting", cost.micros_per_meeting),
        ] if cost.HasField(field)]
        print(f"{name(cost)} cost {cost.cost_micros / MICROS:,.2f} {cost.currency}".rstrip() + "".join(f", {one}" for one in each))


def main():
    options = arguments()
    metadata = [("authorization", f"Bearer {options.token}"), ("pennypost-tenant", options.tenant)]
    with grpc.insecure_channel(options.target) as connection:
        try:
            answer = router_pb2_grpc.RouterServiceStub(connection).MeasureRates(question(options), metadata=metadata, timeout=CALL_SECONDS, wait_for_ready=True)
        except grpc.RpcError as error:
            raise PennypostError.of(error) from None
    show(answer)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PennypostError as failed:
        sys.exit(str(failed))
