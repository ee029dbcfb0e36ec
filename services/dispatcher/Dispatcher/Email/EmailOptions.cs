using System.ComponentModel.DataAnnotations;
using Pennypost.Dispatcher.Provider;

namespace Pennypost.Dispatcher.Email;

/// <summary>What becomes of an e-mail whose answer was lost.</summary>
public enum EmailInDoubt
{
    /// <summary>It stays in doubt until an operator says what became of it (ResolveMessage).</summary>
    AskOperator,

    /// <summary>After the settling time it is taken as sent: perhaps nobody gets it, and certainly nobody gets it twice.</summary>
    TakeAsSent,
}

/// <summary>Configuration section <c>Dispatcher:Email</c>: the limits of calls to mail servers.</summary>
public sealed class EmailOptions : CallOptions, IValidatableObject
{
    /// <summary>The section.</summary>
    public const string Section = "Dispatcher:Email";

    /// <summary>
    /// How long one e-mail may take, in seconds, from the connection to the server's last word. 0: half of what <c>Dispatcher:WriteLease</c> leaves beside <c>Dispatcher:ClockMargin</c>, but no more than <c>TotalSeconds</c>. A server that is slower than this after it
    /// has the whole letter leaves the send in doubt.
    /// </summary>
    [Range(0, 60)]
    public double AttemptSeconds { get; set; }

    /// <summary>What becomes of an e-mail whose answer was lost. A mail server cannot be asked what it took.</summary>
    [EnumDataType(typeof(EmailInDoubt))]
    public EmailInDoubt InDoubt { get; set; } = EmailInDoubt.AskOperator;

    /// <summary>PEM file of authorities whose certificates mail servers may show, in place of the system's; unset for the system's.</summary>
    public string? AuthoritiesPath { get; set; }

    /// <summary>Half of the time for one write: the other half is for the way to it.</summary>
    internal TimeSpan HalfLease { get; set; } = HalfOf(new DispatcherOptions().WriteLease, new DispatcherOptions().ClockMargin);

    internal static TimeSpan HalfOf(TimeSpan lease, TimeSpan margin) => (lease - margin) / 2;

    /// <inheritdoc/>
    internal override TimeSpan CallLimit => AttemptSeconds > 0 ? TimeSpan.FromSeconds(AttemptSeconds) : HalfLease < TimeSpan.FromSeconds(TotalSeconds) ? HalfLease : TimeSpan.FromSeconds(TotalSeconds);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (TotalSeconds < AttemptSeconds)
            yield return new ValidationResult($"{Section}:{nameof(TotalSeconds)} must be at least {nameof(AttemptSeconds)}", [nameof(TotalSeconds)]);
        if (MaxBreakSeconds < BreakSeconds)
            yield return new ValidationResult($"{Section}:{nameof(MaxBreakSeconds)} must be at least {nameof(BreakSeconds)}", [nameof(MaxBreakSeconds)]);
        if (AuthoritiesPath is not null && !File.Exists(AuthoritiesPath))
            yield return new ValidationResult($"{Section}:{nameof(AuthoritiesPath)} must name a file", [nameof(AuthoritiesPath)]);
    }
}
