using System.Buffers.Binary;

namespace Pennypost.Store;

/// <summary>
/// What the store holds for a partition beside its records: packed, because it is read and written by every commit. Layout, big-endian:
/// format (1 byte, = 1), version (8), stamp (8), sequence of its last journal batch (8, filled in by the store), journal length (8), flags (1), chain hash (32, if flagged), head.
/// </summary>
internal sealed record StoredState(Fence Fence, long LastSequence, long JournalLength, ReadOnlyMemory<byte> ChainHash, ReadOnlyMemory<byte>? Head)
{
    /// <summary>Format, version and stamp: what is compared.</summary>
    public const int FenceLength = 17;

    private const byte Format = 1;
    private const byte HasHead = 1;
    private const byte HasChain = 2;
    private const int FixedLength = FenceLength + 8 + 8 + 1;

    public static readonly StoredState None = new(Fence.None, 0, 0, default, null);

    public static byte[] FenceBytes(Fence fence)
    {
        if (fence == Fence.None)
            return [];
        var bytes = new byte[FenceLength];
        WriteFence(bytes, fence);
        return bytes;
    }

    private static void WriteFence(Span<byte> bytes, Fence fence)
    {
        bytes[0] = Format;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], fence.Version);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[9..], fence.Stamp);
    }

    public static Fence ReadFence(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return Fence.None;
        if (bytes.Length < FenceLength || bytes[0] != Format)
            throw new StoreMismatchException($"A partition is stored in format {bytes[0]}; this version reads {Format}. It was written by a newer version, or is damaged.");
        return new Fence(BinaryPrimitives.ReadInt64BigEndian(bytes[1..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[9..]));
    }

    /// <summary>The whole, with the sequence as it is here.</summary>
    public byte[] Pack()
    {
        var bytes = new byte[FixedLength + ChainHash.Length + (Head?.Length ?? 0)];
        WriteFence(bytes, Fence);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(FenceLength), LastSequence);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(FenceLength + 8), JournalLength);
        bytes[FixedLength - 1] = (byte)((Head is null ? 0 : HasHead) | (ChainHash.IsEmpty ? 0 : HasChain));
        ChainHash.Span.CopyTo(bytes.AsSpan(FixedLength));
        Head?.Span.CopyTo(bytes.AsSpan(FixedLength + ChainHash.Length));
        return bytes;
    }

    /// <summary>Empty bytes are a partition that was never written.</summary>
    public static StoredState Unpack(byte[] bytes)
    {
        if (bytes.Length == 0)
            return None;
        var fence = ReadFence(bytes);
        if (bytes.Length < FixedLength)
            throw new InvalidDataException("A stored partition is cut short.");
        var flags = bytes[FixedLength - 1];
        var chain = (flags & HasChain) == 0 ? default : (ReadOnlyMemory<byte>)bytes.AsMemory(FixedLength, Journal.HashLength);
        return new StoredState(
            fence,
            BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(FenceLength)),
            BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(FenceLength + 8)),
            chain,
            (flags & HasHead) == 0 ? null : bytes.AsMemory(FixedLength + chain.Length));
    }
}
