using Microsoft.Extensions.Options;
using Pennypost.Dispatcher;
using Pennypost.Dispatcher.Messages;
using Pennypost.Hosting;

namespace Dispatcher.Tests.Messages;

public sealed class NamingPeople
{
    private static readonly Identifiers Keyed = new(Options.Create(new DispatcherOptions { IdentifierKey = new string('k', 32) }));

    [Theory]
    [InlineData("ada-lovelace", "ada-lovelace")]
    [InlineData("  Ada-Lovelace ", "ada-lovelace")]
    [InlineData("https://www.linkedin.com/in/ada-lovelace/", "ada-lovelace")]
    [InlineData("http://de.linkedin.com/in/Ada-Lovelace?trk=x#about", "ada-lovelace")]
    [InlineData("linkedin.com/in/ada-lovelace", "ada-lovelace")]
    [InlineData("www.linkedin.com/in/ada-lovelace/details/experience/", "ada-lovelace")]
    [InlineData("https://www.linkedin.com/in/zo%C3%AB-m%C3%BCller", "zoë-müller")]
    [InlineData("zoë-müller", "zoë-müller")]
    public void Is_the_same_however_a_profile_is_written(string profile, string identifier) => Assert.Equal(identifier, PublicIdentifier.Of(profile));

    [Theory]
    [InlineData("https://example.com/in/ada")]
    [InlineData("https://linkedin.com.evil.example/in/ada")]
    [InlineData("https://www.linkedin.com/company/acme")]
    [InlineData("https://www.linkedin.com/in/")]
    [InlineData("https://www.linkedin.com/sales/lead/ACwAAA")]
    [InlineData("ada lovelace")]
    [InlineData("ada%2")]
    [InlineData("")]
    [InlineData("  ")]
    public void Refuses_what_is_no_profile(string profile) => Assert.Null(PublicIdentifier.Of(profile));

    [Fact]
    public void Gives_ids_that_fit_keys_differ_by_tenant_and_tell_nothing()
    {
        var id = Keyed.Prospect("acme", "ada-lovelace");

        Assert.Matches("^p_[a-z2-7]{26}$", id);
        Assert.Equal(id, Keyed.Prospect("acme", "ada-lovelace"));
        Assert.NotEqual(id, Keyed.Prospect("other", "ada-lovelace"));
        Assert.NotEqual(id, new Identifiers(Options.Create(new DispatcherOptions { IdentifierKey = new string('j', 32) })).Prospect("acme", "ada-lovelace"));
        Assert.NotEqual(Keyed.Chat("acme", "ab", "c"), Keyed.Chat("acme", "a", "bc"));
    }
}
