using Pennypost.Gateway;
using Pennypost.Gateway.Keys;

var app = WebApplication.CreateBuilder(args).AddGateway().Build();
if (args is ["create-key", ..]) return await FirstKey.CreateAsync(app);
await app.MapGateway().RunAsync();
return 0;
