using Pennypost.Gateway;
using Pennypost.Gateway.Keys;

var builder = WebApplication.CreateBuilder(args).AddGateway();
if (args is ["create-key", ..]) return await FirstKey.CreateAsync(builder);
await builder.Build().MapGateway().RunAsync();
return 0;
