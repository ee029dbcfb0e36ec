using Google.Protobuf;
using Pennypost.Dispatcher.Stored;

namespace Pennypost.Dispatcher.Messages;

/// <summary>A message's texts, and what the caller said of the person: personal data, in a record of its own.</summary>
internal sealed record Content
{
    /// <summary>Normalised.</summary>
    public required string PublicIdentifier { get; init; }

    public string Subject { get; init; } = "";

    public string Body { get; init; } = "";

    public string Note { get; init; } = "";

    public string FirstName { get; init; } = "";

    public string LastName { get; init; } = "";

    public string Company { get; init; } = "";

    public string Title { get; init; } = "";

    public string Email { get; init; } = "";

    /// <summary>Where the e-mail goes; empty without a text for one, since nothing else needs it.</summary>
    public string EmailAddress { get; init; } = "";

    /// <summary>When that address was last verified; null if nobody knows.</summary>
    public DateTimeOffset? EmailVerifyTime { get; init; }

    /// <summary>What to do in place of writing; unspecified for a message.</summary>
    public Delivery.Channel Engagement { get; init; }

    /// <summary>The post that is liked or commented on.</summary>
    public string PostId { get; init; } = "";

    public string Comment { get; init; } = "";

    public byte[] Bytes() => new StoredContent
    {
        Format = 1,
        PublicIdentifier = PublicIdentifier,
        Subject = Subject,
        Body = Body,
        Note = Note,
        FirstName = FirstName,
        LastName = LastName,
        Company = Company,
        Title = Title,
        Email = Email,
        EmailAddress = EmailAddress,
        EmailVerifyMs = ProspectStorage.Ms(EmailVerifyTime),
        Engagement = (int)Engagement,
        PostId = PostId,
        Comment = Comment,
    }.ToByteArray();

    /// <summary>Nothing but empty texts where the person was erased.</summary>
    public static Content Read(byte[]? bytes)
    {
        var stored = bytes is null ? new StoredContent() : StoredContent.Parser.ParseFrom(bytes);
        return new()
        {
            PublicIdentifier = stored.PublicIdentifier,
            Subject = stored.Subject,
            Body = stored.Body,
            Note = stored.Note,
            FirstName = stored.FirstName,
            LastName = stored.LastName,
            Company = stored.Company,
            Title = stored.Title,
            Email = stored.Email,
            EmailAddress = stored.EmailAddress,
            EmailVerifyTime = ProspectStorage.TimeOrNull(stored.EmailVerifyMs),
            Engagement = (Delivery.Channel)stored.Engagement,
            PostId = stored.PostId,
            Comment = stored.Comment,
        };
    }

    public Types.V1.Content ToWire() => new()
    {
        Subject = Subject,
        Body = Body,
        Note = Note,
        Email = Email,
        Engagement = Engagement == Delivery.Channel.Unspecified ? null : new() { Channel = (Types.V1.Channel)Engagement, PostId = PostId, Comment = Comment },
    };
}
