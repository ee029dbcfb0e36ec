"""Pennypost's public API (protos/pennypost/gateway/v1/gateway.proto and admin.proto) for Python.

What it adds to the generated code: the API key with every call, a deadline for every call, retries where the contract
says that they are safe, errors that show their reason and every violation, and watches and exports that go on where they broke.
"""

import collections
import functools
import random
import threading
import time

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from pennypost.gateway.v1 import admin_pb2 as admin
from pennypost.gateway.v1 import admin_pb2_grpc, gateway_pb2_grpc
from pennypost.gateway.v1 import events_pb2 as events
from pennypost.gateway.v1 import gateway_pb2 as gateway

# For one call with all its retries.
CALL_SECONDS = 10
# For one watch, export or import with all its streams.
STREAM_SECONDS = 3600
ATTEMPTS_MAX = 10
BACKOFF_FIRST_SECONDS = 0.1
BACKOFF_MAX_SECONDS = 5


class PennypostError(Exception):
    """A failed call, with all that the service said about it.

    code: a grpc.StatusCode. details: what the service says in one sentence. reason: a name of
    pennypost.errors.v1.ErrorReason without its prefix; empty if no service answered. domain: the service that decided.
    metadata: what errors.proto lists for the reason. violations: everything that is wrong with the request, as
    (field, description). retry_after: when to try again, in seconds, where the service says so.
    """

    def __init__(self, code, details, reason="", domain="", metadata=None, violations=(), retry_after=None):
        self.code, self.details, self.reason, self.domain = code, details, reason, domain
        self.metadata, self.violations, self.retry_after = dict(metadata or {}), list(violations), retry_after
        facts = ", ".join(f"{name}={value}" for name, value in self.metadata.items())
        first = f"{code.name}{'/' if reason else ''}{reason}: {details}{f' ({facts})' if facts else ''}"
        super().__init__("\n".join([first, *(f"  {field}: {description}" for field, description in self.violations)]))

    @classmethod
    def of(cls, error):
        """Reads the google.rpc.Status in `grpc-status-details-bin`; a broken connection or a foreign server sends none."""
        said = {}
        bytes_ = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
        try:
            for detail in status_pb2.Status.FromString(bytes_).details if bytes_ else ():
                info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
                if detail.Unpack(info):
                    said.update(reason=info.reason, domain=info.domain, metadata=info.metadata)
                elif detail.Unpack(bad):
                    said["violations"] = [(violation.field, violation.description) for violation in bad.field_violations]
                elif detail.Unpack(retry):
                    said["retry_after"] = retry.retry_delay.ToTimedelta().total_seconds()
        except DecodeError:
            # A foreign server may put anything there; the code still says something.
            said = {}
        return cls(error.code(), error.details(), **said)


def retry_delay(error, tries, repeatable, jitter):
    """How long to wait before the same call is made again, in seconds; None: never.

    tries: how often it was made since it last succeeded. repeatable: whether making it twice does it once.
    jitter: 0 to 1, so that callers who failed together do not come back together.
    """
    if tries >= ATTEMPTS_MAX:
        return None
    backoff = min(BACKOFF_MAX_SECONDS, BACKOFF_FIRST_SECONDS * 2 ** (tries - 1)) * (0.5 + jitter / 2)
    if error.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED):
        return max(error.retry_after or 0, backoff) if repeatable else None
    # Without a time there is none: a request that is too large stays too large.
    if error.code is grpc.StatusCode.RESOURCE_EXHAUSTED and error.retry_after is not None:
        return error.retry_after + backoff
    return None


def _is_cut(error):
    """Whether a stream was cut, by a lost connection or a server that stopped, and not refused."""
    silent = not error.reason and error.code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)
    return silent or error.code is grpc.StatusCode.CANCELLED


def _is_repeatable(method, request):
    # A lost answer would leave a key or a secret that nobody knows.
    if method in ("CreateApiKey", "RotateApiKey", "PutWebhook", "RotateWebhookSecret"):
        return False
    # Its own first try may have changed the etag; only the caller can read again and decide again.
    return not (method == "PutAccount" and request.account.etag or method == "PutTenant" and request.tenant.etag)


def _wait_or_raise(error, delay, deadline):
    """Waits, unless the deadline comes first: then the error is the answer."""
    if delay is None or time.monotonic() + delay >= deadline:
        raise error
    time.sleep(delay)


class _Sending:
    """Requests of a stream, in order; those that are not answered yet are kept, to be sent again on another stream."""

    def __init__(self, requests):
        self._requests, self._taking, self._counting = iter(requests), threading.Lock(), threading.Lock()
        self._unanswered, self._answered, self._stream = collections.deque(), 0, 0
        self._is_done = False
        # What the caller's own iterable raised.
        self.failure = None

    def again(self):
        """From the first that is not answered on; whoever sent before stops."""
        self._stream += 1
        return self._from(self._stream, self._answered)

    def answered(self):
        with self._counting:
            self._unanswered.popleft()
            self._answered += 1

    def is_over(self):
        """Whether all there was is answered: a stream that ended well before that was cut by somebody on the way."""
        with self._counting:
            return self._is_done and not self._unanswered

    def _from(self, stream, number):
        while True:
            # The caller's iterable may wait: answers are counted meanwhile, and the next stream gets what it gives.
            with self._taking:
                if stream != self._stream or not (self._has(number) or self._take()):
                    return
            with self._counting:
                # An answer to what another stream sent may have come first.
                request = self._unanswered[number - self._answered] if number >= self._answered else None
            number += 1
            if request is not None:
                yield request

    def _has(self, number):
        with self._counting:
            return number < self._answered + len(self._unanswered)

    def _take(self):
        if self._is_done:
            return False
        try:
            request = next(self._requests)
            if not isinstance(request, gateway.StreamMessagesRequest):
                raise TypeError(f"a StreamMessagesRequest is wanted, not a {type(request).__name__}")
            self._unanswered.append(request)
            return True
        except StopIteration:
            self._is_done = True
        # Also what ends a program: it is raised where the answers are read.
        except BaseException as failure:
            self.failure, self._is_done = failure, True
        return False


class Pennypost:
    """Has every rpc of PennypostService and AdminService as a method of its name: takes the request and, if wanted, `timeout` in seconds.

    tls: encrypt. Leave it out on loopback only: the key travels with every call.
    """

    def __init__(self, target, key, tls=False):
        options = [
            # Else a watch of a server that vanished without a word would wait until its deadline.
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.keepalive_timeout_ms", 10_000),
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.initial_reconnect_backoff_ms", int(BACKOFF_FIRST_SECONDS * 1000)),
            ("grpc.max_reconnect_backoff_ms", int(BACKOFF_MAX_SECONDS * 1000)),
            # The same calls are retried here, where the reasons are known.
            ("grpc.enable_retries", 0),
        ]
        self._channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(), options) if tls else grpc.insecure_channel(target, options)
        self._credential = [("authorization", f"Bearer {key}")]
        self._stub = gateway_pb2_grpc.PennypostServiceStub(self._channel)
        services = [
            (self._stub, gateway.DESCRIPTOR.services_by_name["PennypostService"]),
            (admin_pb2_grpc.AdminServiceStub(self._channel), admin.DESCRIPTOR.services_by_name["AdminService"]),
        ]
        for stub, service in services:
            for method in service.methods:
                if not method.name.startswith(("Watch", "Export", "Stream")):
                    setattr(self, method.name, functools.partial(self._call, stub, method.name))

    def _call(self, stub, method, request, timeout=CALL_SECONDS):
        deadline, tries = time.monotonic() + timeout, 0
        while True:
            tries += 1
            try:
                return getattr(stub, method)(request, metadata=self._credential, timeout=deadline - time.monotonic())
            except grpc.RpcError as thrown:
                error = PennypostError.of(thrown)
            _wait_or_raise(error, retry_delay(error, tries, _is_repeatable(method, request), random.random()), deadline)

    def WatchMessage(self, request, timeout=STREAM_SECONDS):
        """The message's events, also over a broken connection: each once, in order. To stop, leave the loop.

        Once it began it waits for a server that is away until the timeout.
        """
        return self._follow(self._stub.WatchMessage, request, timeout)

    def WatchEvents(self, request, timeout=STREAM_SECONDS):
        """The tenant's events, also over a broken connection: each once. Items without an event only carry a token. To stop, leave the loop.

        Once it began it waits for a server that is away until the timeout.
        """
        return self._follow(self._stub.WatchEvents, request, timeout)

    def ExportMessages(self, request, timeout=STREAM_SECONDS):
        """Every message that matches, also over a broken connection: each once. Items without a message only carry a token.

        Once it began it waits for a server that is away until the timeout.
        """
        return self._follow(self._stub.ExportMessages, request, timeout)

    def ExportPoolEntries(self, request, timeout=STREAM_SECONDS):
        """A pool's journal, also over a broken connection: each entry once, oldest first. Items without an entry only carry a token.

        Once it began it waits for a server that is away until the timeout.
        """
        return self._follow(self._stub.ExportPoolEntries, request, timeout)

    def StreamMessages(self, requests, timeout=STREAM_SECONDS):
        """What became of each message of an iterable, in its order, also over a broken connection: what was not answered is sent again.

        The iterable is read in another thread, as fast as messages are taken. Once it began it waits for a server that is
        away until the timeout. To stop, leave the loop.
        """
        deadline, tries, began, sending = time.monotonic() + timeout, 0, False, _Sending(requests)
        while True:
            tries += 1
            stream = self._stub.StreamMessages(sending.again(), metadata=self._credential, timeout=deadline - time.monotonic(), wait_for_ready=began)
            try:
                for item in stream:
                    began = True
                    sending.answered()
                    tries = 1
                    yield item
                if sending.is_over() and not sending.failure:
                    return
                error = PennypostError(grpc.StatusCode.UNAVAILABLE, "the stream ended before everything was answered")
            except grpc.RpcError as thrown:
                error = PennypostError.of(thrown)
            finally:
                stream.cancel()
            if sending.failure:
                raise sending.failure
            self._take_up_or_raise(error, tries, began, deadline)

    def _follow(self, method, request, timeout):
        deadline, tries, began = time.monotonic() + timeout, 0, False
        position = type(request)()
        position.CopyFrom(request)
        while True:
            tries += 1
            stream = method(position, metadata=self._credential, timeout=deadline - time.monotonic(), wait_for_ready=began)
            try:
                for item in stream:
                    began = True
                    # Before the caller gets it: what was handed out is not asked for again.
                    position.resume_token = item.resume_token
                    if isinstance(position, events.WatchEventsRequest):
                        # It says where to begin; an export's is part of its filter.
                        position.ClearField("from_time")
                    tries = 1
                    yield item
                return
            except grpc.RpcError as thrown:
                error = PennypostError.of(thrown)
            finally:
                stream.cancel()
            self._take_up_or_raise(error, tries, began, deadline)

    @staticmethod
    def _take_up_or_raise(error, tries, began, deadline):
        # The server ends each stream after a time of its own; ours is looked at below.
        is_cut = _is_cut(error) or (began and error.code == grpc.StatusCode.DEADLINE_EXCEEDED)
        known = PennypostError(grpc.StatusCode.UNAVAILABLE, error.details) if is_cut else error
        _wait_or_raise(error, retry_delay(known, tries, True, random.random()), deadline)

    def close(self):
        self._channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
