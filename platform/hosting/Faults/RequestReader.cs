using Google.Protobuf;
using Grpc.Core;

namespace Pennypost.Hosting;

/// <summary>The requests of a stream. One that is too large or cannot be read fails with its reason, as it would in a call of one request.</summary>
internal sealed class RequestReader<T>(IAsyncStreamReader<T> inner, FaultDomain faults, int limitBytes) : IAsyncStreamReader<T>
{
    public T Current => inner.Current;

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        try
        {
            return await inner.MoveNext(cancellationToken);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.ResourceExhausted && !RpcFault.HasDetails(exception))
        {
            throw faults.RequestTooLarge(limitBytes).ToException();
        }
        catch (InvalidProtocolBufferException)
        {
            throw faults.NotTheRequestType().ToException();
        }
    }
}
