namespace Faults.Tests;

public sealed class BreakingAnInstallation { }
