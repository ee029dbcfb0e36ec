using Google.Protobuf;
using Pennypost.Gateway.V1;
using Pennypost.Hosting;

namespace Pennypost.Gateway.Rest;

/// <summary>The header <c>Idempotency-Key</c> of <c>POST /v1/messages</c>: the message id, for clients that keep it there. Every other call has its ids in its request.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    private const string Field = "message.message_id";

    /// <summary>Whether the request takes it.</summary>
    public static bool IsTaken(Google.Protobuf.Reflection.MessageDescriptor request) => request.FullName == SendMessageRequest.Descriptor.FullName;

    /// <summary>Fills the message id, if the body has none.</summary>
    public static void Read(HttpRequest http, IMessage request, Violations violations)
    {
        if (request is not SendMessageRequest send || http.Headers[Header] is not { Count: > 0 } said) return;
        // A string of RFC 9651, as the header's draft has it, or bare, as most clients write it.
        var key = said.ToString();
        if (key is ['"', .. var inner, '"']) key = inner;
        send.Message ??= new MessageSpec();
        if (!Ids.IsId(key)) violations.Add(Field, $"{Header} must be one id of 1 to {Ids.MaxLength} of A-Z a-z 0-9 _ -; it has {key.Length} characters");
        else if (send.Message.MessageId.Length == 0) send.Message.MessageId = key;
        else if (send.Message.MessageId != key) violations.Add(Field, $"differs between {Header} and body");
    }
}
