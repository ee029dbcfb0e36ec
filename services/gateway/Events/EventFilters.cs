using System.Buffers;
using Google.Protobuf.Collections;
using Pennypost.Hosting;
using Pennypost.Types.V1;

namespace Pennypost.Gateway.Events;

/// <summary>What somebody wants to hear of. Pure.</summary>
/// <param name="Types">Types, or families: a type is also heard by whoever asked for its beginning up to a dot.</param>
/// <param name="Subjects">Ids.</param>
internal sealed record EventFilters(IReadOnlyList<string> Types, IReadOnlyList<string> Subjects)
{
    public const int MaxTypes = 20;
    public const int MaxSubjects = 100;
    private static readonly SearchValues<char> TypeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_.");

    public bool Lets(Event happened) => LetsType(happened.Type) && (Subjects.Count == 0 || Subjects.Contains(happened.Subject));

    private bool LetsType(string type)
    {
        if (Types.Count == 0) return true;
        foreach (var asked in Types)
            if (type == asked || (type.Length > asked.Length && type[asked.Length] == '.' && type.StartsWith(asked, StringComparison.Ordinal))) return true;
        return false;
    }

    public static void Shape(Violations violations, string path, RepeatedField<string> types, RepeatedField<string> subjects)
    {
        violations.Items($"{path}types", types.Count, 0, MaxTypes);
        for (var i = 0; i < Math.Min(types.Count, MaxTypes); i++)
            if (types[i].Length is 0 or > 100 || types[i].AsSpan().ContainsAnyExcept(TypeCharacters)) violations.Add($"{path}types[{i}]", "must be 1 to 100 of a-z 0-9 _ .");
        violations.Items($"{path}subjects", subjects.Count, 0, MaxSubjects);
        for (var i = 0; i < Math.Min(subjects.Count, MaxSubjects); i++) violations.Id($"{path}subjects[{i}]", subjects[i]);
    }
}
