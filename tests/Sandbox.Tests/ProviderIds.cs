using FsCheck;
using FsCheck.Fluent;
using Pennypost.Sandbox.LinkedIn;
using Pennypost.Sandbox.Rules;

namespace Sandbox.Tests;

/// <summary>Ids are what the viewing account sees, and mean nothing to another.</summary>
public sealed class ProviderIds
{
    [Fact]
    public void Lead_back_to_the_member_for_the_account_that_saw_them_and_no_other() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<(ulong Key, bool SalesNavigator, bool Recruiter)>(),
        given =>
        {
            var product = given.SalesNavigator ? Product.SalesNavigator : given.Recruiter ? Product.Recruiter : Product.Premium;
            var id = ScopedId.Of("seed", "ann", product, given.Key);
            return ScopedId.Resolve("seed", "ann", id) == given.Key
                && ScopedId.Resolve("seed", "ben", id) is null
                && ScopedId.Resolve("other seed", "ann", id) is null
                && id.StartsWith(product switch { Product.Premium => "ACo", Product.SalesNavigator => "ACw", _ => "AE" }, StringComparison.Ordinal);
        }));

    [Fact]
    public async Task Of_another_account_are_refused_on_every_write()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        await sandbox.WorldAsync("""{"accounts":[{"id":"ann","subscriptions":[{"plan":"sales_navigator"}]},{"id":"ben"}],"prospects":[{"id":"bob"}]}""");
        var bens = await sandbox.ProviderIdAsync("bob", "ben");
        Assert.NotEqual(bens, await sandbox.ProviderIdAsync("bob"));
        Assert.Equal("invalid_recipient", (await sandbox.StartChatWithAsync(bens, "Hello", api: "sales_navigator")).Type);
        Assert.Equal("invalid_recipient", (await sandbox.PostAsync("/api/v1/users/invite", $$"""{"account_id":"ann","provider_id":"{{bens}}"}""")).Type);
        Assert.Equal("invalid_recipient", (await sandbox.GetAsync($"/api/v1/users/{bens}?account_id=ann")).Type);
        Assert.Equal(0, (await sandbox.LedgerAsync()).Number("deliveries"));
    }
}
