using Pennypost.Dispatcher;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddDispatcher();
var app = builder.Build();
app.MapDispatcher();
await app.RunAsync();
