using System.Security.Cryptography;
using System.Text.Json;

namespace Pennypost.Standalone;

/// <summary>
/// The secrets of one standalone installation, made at its first start and kept in its data folder, readable by its owner only. Without a folder they live as long as the process.
/// </summary>
/// <param name="ServiceToken">What the services show each other.</param>
/// <param name="ProviderKey">The sandbox's <c>X-API-KEY</c>.</param>
/// <param name="WebhookSecret">What the sandbox's webhooks carry.</param>
/// <param name="IdentifierKey">Keys prospect ids and API key hashes; losing it makes both unrecognisable.</param>
internal sealed record Keys(string ServiceToken, string ProviderKey, string WebhookSecret, string IdentifierKey)
{
    private const string FileName = "keys.json";

    public static Keys Load(string? folder)
    {
        if (folder is null)
            return Make();
        var path = Path.Combine(folder, FileName);
        if (File.Exists(path))
        {
            return Read(path);
        }

        var keys = Make();
        Directory.CreateDirectory(folder);
        // Written aside and moved, so that a process killed here leaves no half of a file behind.
        var aside = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(aside, options))
        {
            JsonSerializer.Serialize(file, keys);
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: false);
        return keys;
    }

    private static Keys Read(string path)
    {
        try
        {
            if (JsonSerializer.Deserialize<Keys>(File.ReadAllText(path)) is { ServiceToken: not null, ProviderKey: not null, WebhookSecret: not null, IdentifierKey: not null } keys)
                return keys;
        }
        catch (JsonException)
        {
            // Said below, as for a file that lacks one.
        }

        throw new InvalidDataException($"{path} does not hold this installation's keys. Put the file back, or name another folder with --data.");
    }

    private static Keys Make()
    {
        static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        return new(Secret(), Secret(), Secret(), Secret());
    }
}
