using Pennypost.Credits;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddCredits();
var app = builder.Build();
app.MapCredits();
await app.RunAsync();
