using Pennypost.Delivery;
using Pennypost.Hosting;

namespace Pennypost.Dispatcher.Provider;

/// <summary>How a provider is reached.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="ConnectionId">The tenant's id for it.</param>
/// <param name="BaseUrl">Base URL of the API, without <c>/api/v1</c>.</param>
/// <param name="ApiKey">Goes into the header <c>X-API-KEY</c> and nowhere else.</param>
public sealed record ProviderConnection(string Tenant, string ConnectionId, Uri BaseUrl, Secret ApiKey);

/// <summary>One write at the provider.</summary>
public abstract record ProviderSend
{
    private ProviderSend(string accountId) => AccountId = accountId;

    /// <summary>The sender.</summary>
    public string AccountId { get; }

    /// <summary>Starts a chat: a message to a relation, or an InMail.</summary>
    /// <param name="Sender">The sender.</param>
    /// <param name="Recipient">The recipient's provider id as this sender sees it.</param>
    /// <param name="Text">The text.</param>
    /// <param name="Subject">Of an InMail; empty for none.</param>
    /// <param name="Inmail">The subscription whose InMail it is; unspecified for a plain message.</param>
    public sealed record StartChat(string Sender, string Recipient, string Text, string Subject, Product Inmail) : ProviderSend(Sender)
    {
        /// <summary>Recruiter asks for one: the sender's name.</summary>
        public string Signature { get; init; } = "";
    }

    /// <summary>Writes into a chat that there is.</summary>
    /// <param name="Sender">The sender.</param>
    /// <param name="ChatId">The provider's id of the chat.</param>
    /// <param name="Text">The text.</param>
    public sealed record WriteInChat(string Sender, string ChatId, string Text) : ProviderSend(Sender);

    /// <summary>Asks for a connection.</summary>
    /// <param name="Sender">The sender.</param>
    /// <param name="Recipient">The recipient's provider id as this sender sees it.</param>
    /// <param name="RecipientPublicId">The recipient's public identifier.</param>
    /// <param name="Note">The note; empty for none.</param>
    public sealed record Invite(string Sender, string Recipient, string RecipientPublicId, string Note) : ProviderSend(Sender);

    /// <summary>Visits a profile, so that its owner is told.</summary>
    /// <param name="Sender">The sender.</param>
    /// <param name="PublicId">The public identifier of the profile.</param>
    public sealed record Visit(string Sender, string PublicId) : ProviderSend(Sender);

    /// <summary>Likes a post.</summary>
    /// <param name="Sender">The sender.</param>
    /// <param name="PostId">The provider's id of the post.</param>
    public sealed record React(string Sender, string PostId) : ProviderSend(Sender);

    /// <summary>Comments on a post.</summary>
    /// <param name="Sender">The sender.</param>
    /// <param name="PostId">The provider's id of the post.</param>
    /// <param name="Text">The comment.</param>
    public sealed record CommentOn(string Sender, string PostId, string Text) : ProviderSend(Sender);
}
