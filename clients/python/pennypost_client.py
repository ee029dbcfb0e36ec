"""Pennypost's public API (protos/pennypost/gateway/v1/gateway.proto and admin.proto) for Python.

What it adds to the generated code: the API key with every call, a deadline for every call, retries where the contract
says that they are safe, errors that show their reason and every violation, and a watch that goes on where it broke.
"""

import functools
import random
import time

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from pennypost.gateway.v1 import admin_pb2 as admin
from pennypost.gateway.v1 import admin_pb2_grpc, gateway_pb2_grpc
from pennypost.gateway.v1 import gateway_pb2 as gateway

# For one call with all its retries.
CALL_SECONDS = 10
# For one watch with all its streams.
WATCH_SECONDS = 3600
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
                if not method.name.startswith("Watch"):
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

    def WatchMessage(self, request, timeout=WATCH_SECONDS):
        """The message's events, also over a broken connection: each once, in order. To stop, leave the loop.

        Once it began it waits for a server that is away until the timeout.
        """
        return self._watch(self._stub.WatchMessage, request, timeout)

    def WatchEvents(self, request, timeout=WATCH_SECONDS):
        """The tenant's events, also over a broken connection: each once. Items without an event only carry a token. To stop, leave the loop.

        Once it began it waits for a server that is away until the timeout.
        """
        return self._watch(self._stub.WatchEvents, request, timeout)

    def _watch(self, method, request, timeout):
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
                    if "from_time" in position.DESCRIPTOR.fields_by_name:
                        position.ClearField("from_time")
                    tries = 1
                    yield item
                return
            except grpc.RpcError as thrown:
                error = PennypostError.of(thrown)
            finally:
                stream.cancel()
            known = PennypostError(grpc.StatusCode.UNAVAILABLE, error.details) if _is_cut(error) else error
            _wait_or_raise(error, retry_delay(known, tries, True, random.random()), deadline)

    def close(self):
        self._channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
