namespace Pennypost.Dispatcher.Provider;

/// <summary>The provider's endpoints by short names, as meters and traces show them: an address would name whom a call is about.</summary>
internal static class Endpoints
{
    public const string StartChat = "chats.start";
    public const string WriteInChat = "chats.messages.send";
    public const string Chat = "chats.get";
    public const string ChatMessages = "chats.messages.list";
    public const string Messages = "messages.list";
    public const string Invite = "users.invite";
    public const string Invitations = "users.invite.list";
    public const string Withdraw = "users.invite.withdraw";
    public const string Relations = "users.relations";
    public const string Profile = "users.profile";
    public const string Visit = "users.visit";
    public const string React = "posts.reaction";
    public const string Comment = "posts.comment";
    public const string Account = "accounts.get";
    public const string Accounts = "accounts.list";
    public const string Balance = "linkedin.inmail_balance";

    /// <summary>No endpoint of the provider's: a mail server that is asked whether it takes a login.</summary>
    public const string Login = "smtp.login";

    /// <summary>No endpoint of the provider's: a letter that is handed to a mail server.</summary>
    public const string Letter = "smtp.send";
}
