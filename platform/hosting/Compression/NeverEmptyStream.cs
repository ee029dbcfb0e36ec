namespace Pennypost.Hosting.Compression;

/// <summary>
/// Compresses what is written; when it is disposed and nothing was, it writes the format's own form of nothing. The framework's
/// compressing streams write no byte then, which grpc-js and others refuse as a broken message.
/// </summary>
internal sealed class NeverEmptyStream(Stream compressor, Stream target, byte[] compressedNothing) : Stream
{
    private bool wrote, disposed;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => !disposed;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.IsEmpty) return;
        wrote = true;
        compressor.Write(buffer);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return ValueTask.CompletedTask;
        wrote = true;
        return compressor.WriteAsync(buffer, cancellationToken);
    }

    // A compressor that is flushed before its first byte writes a block without a header, which nobody can read.
    public override void Flush()
    {
        if (wrote) compressor.Flush();
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => wrote ? compressor.FlushAsync(cancellationToken) : Task.CompletedTask;

    protected override void Dispose(bool disposing)
    {
        if (disposing && !disposed)
        {
            disposed = true;
            compressor.Dispose();
            if (!wrote) target.Write(compressedNothing);
        }
        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        if (!disposed)
        {
            disposed = true;
            await compressor.DisposeAsync();
            if (!wrote) await target.WriteAsync(compressedNothing);
        }
        await base.DisposeAsync();
    }
}
