using Microsoft.Extensions.Options;
using Pennypost.Hosting;
using Pennypost.Store;

namespace Pennypost.Gateway.Keys;

/// <summary>
/// The one command that makes a first API key: <c>dotnet run --project services/gateway -- create-key --tenant acme [--name "first key"] [--scopes messages:read,...]</c>.
/// It writes to the store that the settings name and prints the key once. Without <c>--scopes</c> the key may do everything that a tenant's key may; <c>all</c>
/// are those of the installation too.
/// </summary>
internal static class FirstKey
{
    public static async Task<int> CreateAsync(WebApplicationBuilder builder)
    {
        // The key alone goes to the standard output, so that a script can keep it.
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        var tenant = app.Configuration["tenant"];
        var name = app.Configuration["name"] ?? "first key";
        var scopes = ScopesOf(app.Configuration["scopes"]);
        if (!Ids.IsId(tenant) || name.Length is 0 or > 200 || scopes is null)
        {
            await Console.Error.WriteLineAsync($"create-key --tenant <1 to 64 of A-Z a-z 0-9 _ -> [--name <1 to 200 characters>] [--scopes <all, or some of {string.Join(',', Scopes.All)}>]");
            return 2;
        }
        if (app.Services.GetRequiredService<IOptions<StoreOptions>>().Value is { Backend: StoreBackend.Sqlite, Path: ":memory:" })
        {
            await Console.Error.WriteLineAsync("Store:Path is :memory:, where a key would be forgotten at once; name the folder or file that the gateway uses.");
            return 2;
        }
        var key = ApiKeyText.New(tenant!);
        await app.EnsureApiKeyAsync(key, name, CancellationToken.None, scopes);
        Console.WriteLine(key.Text.Reveal());
        return 0;
    }

    /// <summary>Null for what names no scope.</summary>
    private static IReadOnlyList<string>? ScopesOf(string? text)
    {
        if (text is null) return Scopes.OfATenant;
        if (text == "all") return Scopes.All;
        List<string> asked = [.. text.Split(',', StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];
        return asked.Count > 0 && asked.TrueForAll(Scopes.All.Contains) ? asked : null;
    }
}
