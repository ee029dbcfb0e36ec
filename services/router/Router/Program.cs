using Pennypost.Router;

var builder = WebApplication.CreateBuilder(args);
builder.AddRouter();
var app = builder.Build();
app.MapRouter();
await app.RunAsync();
