using System.Text.RegularExpressions;
using Grpc.Core;

namespace Pennypost.Api.Tests;

/// <summary>Status codes as the contract writes them.</summary>
internal static partial class Names
{
    public static string Of(StatusCode code) => code == StatusCode.OK ? "OK" : Humps().Replace(code.ToString(), "_").ToUpperInvariant();

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])")]
    private static partial Regex Humps();
}
