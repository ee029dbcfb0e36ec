// Filled in by this room's owner.
System.Console.WriteLine("Pennypost.Standalone");
