using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Pennypost.Sandbox.Api;

/// <summary>Finds who is meant by an account id or a member's identifier.</summary>
internal static class Recipients
{
    public static Account? Account(World world, string id) => world.Accounts.Find(id);

    public static Answer NoAccount() => Answer.Error(ErrorType.ResourceNotFound, "Account not found.");

    /// <summary>A recipient of a write is named by the id that the sending account was shown: another account's id is nobody.</summary>
    public static Prospect? ByScopedId(World world, Account account, string id) =>
        ScopedId.Resolve(world.Seed, account.Id, id) is { } key ? world.ByKey(key) : null;

    public static Answer InvalidRecipient() =>
        Answer.Error(ErrorType.InvalidRecipient, "The recipient's id is not one that this account was shown. Look the profile up with the account that will write.");

    /// <summary>A profile may be asked for by public identifier or by scoped id.</summary>
    public static Prospect? ByIdentifier(World world, Account account, string identifier, SandboxOptions options)
    {
        if (ScopedId.LooksLikeOne(identifier))
            return ByScopedId(world, account, identifier);
        if (world.ByPublicIdentifier(identifier) is { } known)
            return known;
        if (!options.InventProspects || !Ids.IsValid(identifier) || world.Prospects.Count >= options.MaxProspects)
            return null;
        var invented = Generator.One(world.Seed, identifier);
        world.Prospects.Put(invented);
        return invented;
    }
}

/// <summary>Ids that callers choose: letters, digits, <c>_</c> and <c>-</c>, 1 to 64 of them.</summary>
internal static class Ids
{
    public static bool IsValid(string id) => id.Length is >= 1 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
