"""Puts messages on the broker and listens until each has ended: sent, or not, and why.

    queue_messages.py --tenant acme --message-id hello-1 --profile ada-lovelace --body "One question?"
    queue_messages.py --tenant acme --csv messages.csv

Prints one line per event. Exit code 0: all were sent (and, with --wait-for-refund, their credits came back). 1: one was not,
or nothing more was heard in time. 2: it was called wrongly, or the broker refuses us. Run again, it sends nothing twice.
"""

import argparse
import contextlib
import csv
import json
import os
import pathlib
import random
import signal
import ssl
import sys
import time

import pika
from pika.exceptions import AMQPError, UnroutableError

# For one answer of the broker: a connection or a confirm.
ANSWER_SECONDS = 10
BACKOFF_FIRST_SECONDS = 0.2
BACKOFF_MAX_SECONDS = 5
# Events that the broker sends ahead of our acknowledgements.
PREFETCH = 100
ENDS = {"message.sent", "message.skipped", "message.failed", "message.cancelled"}
COLUMNS = ["messageId", "profile", "subject", "body", "note", "priority"]


class Arguments(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"{self.prog}: {message}\n")


def arguments():
    parser = Arguments(description=__doc__.splitlines()[0])
    parser.add_argument("--broker", default=os.environ.get("PENNYPOST_BROKER"), help="host:port; default: PENNYPOST_BROKER")
    parser.add_argument("--tls", action="store_true", help="encrypt, and check the broker's certificate")
    parser.add_argument("--password-file", type=pathlib.Path, help="default: the variable PENNYPOST_BROKER_PASSWORD")
    parser.add_argument("--tenant", required=True)
    parser.add_argument("--message-id", help="your id: the same id is sent once, however often this runs")
    parser.add_argument("--profile", help="LinkedIn profile URL or public identifier")
    parser.add_argument("--subject")
    parser.add_argument("--body")
    parser.add_argument("--note", help="text of a connection request")
    parser.add_argument("--priority", choices=["low", "normal", "high"])
    parser.add_argument("--csv", type=pathlib.Path, help=f"a file of messages instead, with the columns {', '.join(COLUMNS)}")
    parser.add_argument("--wait-for-refund", action="store_true", help="go on until replies have brought the credits back")
    parser.add_argument("--seconds", type=float, default=60, help="for all of it")
    options = parser.parse_args()
    options.host, _, port = (options.broker or "").rpartition(":")
    if not options.host or not port.isdecimal():
        parser.error("--broker or PENNYPOST_BROKER must be host:port")
    options.port = int(port)
    try:
        options.password = options.password_file.read_text().strip() if options.password_file else os.environ.get("PENNYPOST_BROKER_PASSWORD")
        options.commands = commands(options)
    except (OSError, ValueError, csv.Error) as wrong:
        parser.error(wrong)
    if not options.password:
        parser.error("there is no password: set PENNYPOST_BROKER_PASSWORD or name a --password-file")
    if not options.seconds > 0:
        parser.error("--seconds must be more than 0")
    return options


def commands(options):
    """The bodies by message id. What else may be wrong with them is the service's to say."""
    single = {"messageId": options.message_id, **{name: getattr(options, name) for name in COLUMNS[1:]}}
    if not options.csv:
        rows = [single]
    elif any(single.values()):
        raise ValueError("give one message or a --csv, not both")
    else:
        with options.csv.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file, strict=True))
    if not rows:
        raise ValueError(f"{options.csv} has no messages")
    bodies = {}
    for number, row in enumerate(rows, 1):
        where = f"message {number}: " if options.csv else ""
        if unknown := [str(name or "what follows the last") for name in row if name not in COLUMNS]:
            raise ValueError(f"{where}no such column: {', '.join(unknown)}")
        if not (row.get("messageId") and row.get("profile") and (row.get("body") or row.get("note"))):
            raise ValueError(f"{where}it needs a messageId, a profile, and a body or a note")
        if row["messageId"] in bodies:
            raise ValueError(f"{where}the messageId {row['messageId']} is there already")
        body = {"messageId": row["messageId"], "prospect": {"profile": row["profile"]}}
        body["content"] = {name: row[name] for name in ("subject", "body", "note") if row.get(name)}
        if row.get("priority"):
            body["priority"] = f"PRIORITY_{row['priority'].upper()}"
        bodies[row["messageId"]] = body
    return bodies


@contextlib.contextmanager
def limit(seconds):
    """pika waits for an answer as long as the connection lives, and a broker without a majority does not answer."""

    def late(*_):
        raise TimeoutError("the broker does not answer")

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def channel_to(options):
    credentials = pika.PlainCredentials(f"tenant-{options.tenant}", options.password)
    tls = pika.SSLOptions(ssl.create_default_context(), options.host) if options.tls else None
    connection = None
    try:
        with limit(ANSWER_SECONDS):
            connection = pika.BlockingConnection(pika.ConnectionParameters(options.host, options.port, credentials=credentials, heartbeat=10, ssl_options=tls))
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_qos(prefetch_count=PREFETCH)
        yield channel
    finally:
        # Events without an acknowledgement go back to the queue; if the broker is gone, so is the connection.
        with contextlib.suppress(AMQPError, OSError), limit(2):
            if connection:
                connection.close()


class Work:
    """What is still to be queued, and what is still to be heard of: it outlives connections."""

    def __init__(self, options):
        self.options, self.deadline = options, time.monotonic() + options.seconds
        self.unqueued, self.waiting, self.unsent, self.told = dict(options.commands), set(options.commands), set(options.commands), set()

    def left(self):
        return self.deadline - time.monotonic()

    def queue(self, channel):
        for message_id, body in list(self.unqueued.items()):
            # A confirm that does not come says nothing: it is sent again, and the id lets it count once.
            with limit(min(ANSWER_SECONDS, self.left())):
                properties = pika.BasicProperties(content_type="application/json", delivery_mode=2)
                channel.basic_publish(f"pennypost.commands.{self.options.tenant}", "", json.dumps(body).encode(), properties, mandatory=True)
            del self.unqueued[message_id]
            say(f"message {message_id}: queued")

    def listen(self, channel):
        for method, _, body in channel.consume(f"pennypost.events-of.{self.options.tenant}", inactivity_timeout=0.2):
            if method:
                self.take(json.loads(body))
                # Only now that it was printed: an event whose reader dies is told again.
                channel.basic_ack(method.delivery_tag)
            if not self.waiting or self.left() <= 0:
                return

    def take(self, event):
        if event["eventId"] in self.told:
            return
        say(words(event))
        self.told.add(event["eventId"])
        subject, kind = event["subject"], event["type"]
        if kind == "message.sent":
            self.unsent.discard(subject)
        last = {"message.refunded"} | ENDS - {"message.sent"} if self.options.wait_for_refund else ENDS
        if kind in last:
            self.waiting.discard(subject)

    def do(self):
        """Until all have ended or the time is up, over as many connections as it takes."""
        tries = 0
        while self.waiting and self.left() > 0:
            try:
                with channel_to(self.options) as channel:
                    self.queue(channel)
                    tries = 0
                    self.listen(channel)
            except (AMQPError, OSError) as away:
                if is_refusal(away):
                    raise
                backoff = min(BACKOFF_MAX_SECONDS, BACKOFF_FIRST_SECONDS * 2 ** min(tries, 10)) * (0.5 + random.random() / 2)
                tries += 1
                print(f"{reason(away)}; trying again", file=sys.stderr, flush=True)
                time.sleep(max(0, min(backoff, self.left())))


def say(line):
    try:
        print(line, flush=True)
    except OSError:
        # Nobody reads any more; it is not the broker that went away, and the event stays on its queue.
        os._exit(1)


def words(event):
    """An event in one line, such as "message hello-1: sent, inmail, from ada-sales"."""
    family, what = event["type"].split(".", 1)
    data = event["data"]
    entry = data.get("entry", {})
    facts = [
        plain(data.get("channel", data.get("state", "") if family == "breaker" else "")),
        f"from {data['accountId']}" if "accountId" in data else "",
        f"because: {plain(data['reason'])}" if "reason" in data else "",
        f"until {data['waitUntil']}" if "waitUntil" in data else "",
        f"{entry['credits']} credits" if "credits" in entry else "",
    ]
    return ", ".join([f"{family} {event['subject']}: {what.replace('_', ' ')}", *filter(None, facts)])


def plain(name):
    """A name of the contract's without its prefix: CHANNEL_DIRECT_MESSAGE is "direct message"."""
    for prefix in ("CHANNEL_", "REASON_", "BREAKER_STATE_"):
        name = name.removeprefix(prefix)
    return name.replace("_", " ").lower()


def is_refusal(away):
    """Whether the broker itself said no to user, password or right. pika's "probable" errors are also lost connections."""
    return isinstance(away, AMQPError) and any(word in str(away) for word in ("ACCESS_REFUSED", "NOT_ALLOWED"))


def reason(away):
    if isinstance(away, UnroutableError):
        return "the tenant has no queue yet"
    return getattr(away, "reply_text", None) or str(away) or f"the broker is away ({type(away).__name__})"


def main():
    options = arguments()
    work = Work(options)
    try:
        work.do()
    except AMQPError as refused:
        print(f"the broker refuses tenant-{options.tenant}: {reason(refused)}", file=sys.stderr)
        return 2
    for message_id in sorted(work.unqueued):
        print(f"message {message_id}: not confirmed in time; run this again with the same id", file=sys.stderr)
    for message_id in sorted(work.waiting - work.unqueued.keys()):
        print(f"message {message_id}: its end was not heard of in time (it may wait, have ended before, or be set aside)", file=sys.stderr)
    return 1 if work.waiting or work.unsent else 0


if __name__ == "__main__":
    sys.exit(main())
