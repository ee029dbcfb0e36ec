using Google.Protobuf.WellKnownTypes;
using Pennypost.Dispatcher.Email;
using Pennypost.Dispatcher.Provider;
using Pennypost.Dispatcher.V1;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher.Accounts.Calls;

/// <summary>
/// Calls by a connection once, and tells what came of it: the way that every call of it goes, with its limits and its circuit, so that what works here works for messages. Changes nothing.
/// </summary>
internal sealed class TestConnection(Connections connections, UnipileProvider provider, SmtpSender mail, TimeProvider time, Errors errors)
{
    /// <summary>Shorter than what a service waits for another: who asks is to hear that there was no answer, not that nobody told.</summary>
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(8);

    public async Task<TestConnectionResponse> HandleAsync(string tenant, TestConnectionRequest request, CancellationToken ct)
    {
        var violations = new Violations();
        violations.Id("connection_id", request.ConnectionId);
        if (violations.Any)
            throw errors.Invalid(violations);
        var mailbox = await connections.FindMailboxAsync(tenant, request.ConnectionId, ct);
        var connection = mailbox is null ? await connections.FindAsync(tenant, request.ConnectionId, ct) ?? throw errors.ConnectionNotFound(request.ConnectionId) : null;

        var begun = time.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_limit);
        var test = connection is null
            ? ConnectionFindings.Of(await mail.GreetAsync(mailbox!, limit.Token))
            : ConnectionFindings.Of(await provider.ProbeAsync(connection.Provider, limit.Token), connection.WebhookSecret is { Length: > 0 });
        // That the caller left is nothing that was found.
        ct.ThrowIfCancellationRequested();
        test.Duration = Duration.FromTimeSpan(time.GetElapsedTime(begun));
        return new TestConnectionResponse { Test = test };
    }
}
