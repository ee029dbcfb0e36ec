using System.ComponentModel.DataAnnotations;

namespace Pennypost.Dispatcher.Provider;

/// <summary>Configuration section <c>Dispatcher:Provider</c>. Real time, whatever the installation's clock says.</summary>
public sealed class ProviderOptions : CallOptions, IValidatableObject
{
    /// <summary>The section.</summary>
    public const string Section = "Dispatcher:Provider";

    /// <summary>How long one request may take, in seconds.</summary>
    [Range(0.05, 15)]
    public double AttemptSeconds { get; set; } = 10;

    /// <summary>The largest answer that is read, in bytes.</summary>
    [Range(1_024, 64 << 20)]
    public int MaxResponseBytes { get; set; } = 4 << 20;

    /// <inheritdoc/>
    internal override TimeSpan CallLimit => TimeSpan.FromSeconds(AttemptSeconds);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (TotalSeconds < AttemptSeconds)
            yield return new ValidationResult($"{Section}:{nameof(TotalSeconds)} must be at least {nameof(AttemptSeconds)}", [nameof(TotalSeconds)]);
        if (MaxBreakSeconds < BreakSeconds)
            yield return new ValidationResult($"{Section}:{nameof(MaxBreakSeconds)} must be at least {nameof(BreakSeconds)}", [nameof(MaxBreakSeconds)]);
    }
}
