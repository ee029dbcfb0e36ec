namespace Grpc.Core.Utils;

/// <summary>Checks that throw. Public in the official package, so libraries may call them; our own code does not.</summary>
public static class GrpcPreconditions
{
    /// <summary>An <see cref="ArgumentException"/> unless the condition holds.</summary>
    public static void CheckArgument(bool condition)
    {
        if (!condition) throw new ArgumentException(null);
    }

    /// <summary>An <see cref="ArgumentException"/> with that message unless the condition holds.</summary>
    public static void CheckArgument(bool condition, string errorMessage)
    {
        if (!condition) throw new ArgumentException(errorMessage);
    }

    /// <summary>The reference, or an <see cref="ArgumentNullException"/>.</summary>
    public static T CheckNotNull<T>(T reference) => reference is null ? throw new ArgumentNullException(null as string) : reference;

    /// <summary>The reference, or an <see cref="ArgumentNullException"/> that names the parameter.</summary>
    public static T CheckNotNull<T>(T reference, string paramName) => reference is null ? throw new ArgumentNullException(paramName) : reference;

    /// <summary>An <see cref="InvalidOperationException"/> unless the condition holds.</summary>
    public static void CheckState(bool condition)
    {
        if (!condition) throw new InvalidOperationException();
    }

    /// <summary>An <see cref="InvalidOperationException"/> with that message unless the condition holds.</summary>
    public static void CheckState(bool condition, string errorMessage)
    {
        if (!condition) throw new InvalidOperationException(errorMessage);
    }
}
