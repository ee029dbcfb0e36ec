using System.Buffers.Binary;
using System.Numerics;

namespace Pennypost.Store;

/// <summary>
/// What the store holds for a partition beside its records: packed, because it is read and written by every commit. Layout, big-endian:
/// format (1 byte, = 2), version (8), stamp (8), sequence of its last journal batch (8, filled in by the store), journal length (8), flags (1), chain hash (32, if flagged), head,
/// checksum (4, CRC-32C of all of it but the sequence). A bit that turned over on a disk or in memory must not become somebody's balance.
/// </summary>
internal sealed record StoredState(Fence Fence, long LastSequence, long JournalLength, ReadOnlyMemory<byte> ChainHash, ReadOnlyMemory<byte>? Head)
{
    /// <summary>Format, version and stamp: what is compared.</summary>
    public const int FenceLength = 17;

    private const byte Format = 2;
    private const byte HasHead = 1;
    private const byte HasChain = 2;
    private const int FixedLength = FenceLength + 8 + 8 + 1;
    private const int SumLength = 4;

    public static readonly StoredState None = new(Fence.None, 0, 0, default, null);

    /// <summary>What is wrong with the stored bytes, in a sentence; null when nothing is. A damaged state holds nothing else that can be used.</summary>
    public string? Damage { get; init; }

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

    /// <summary>The whole, with the sequence as it is here.</summary>
    public byte[] Pack()
    {
        var bytes = new byte[FixedLength + ChainHash.Length + (Head?.Length ?? 0) + SumLength];
        WriteFence(bytes, Fence);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(FenceLength), LastSequence);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(FenceLength + 8), JournalLength);
        bytes[FixedLength - 1] = (byte)((Head is null ? 0 : HasHead) | (ChainHash.IsEmpty ? 0 : HasChain));
        ChainHash.Span.CopyTo(bytes.AsSpan(FixedLength));
        Head?.Span.CopyTo(bytes.AsSpan(FixedLength + ChainHash.Length));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - SumLength), SumOf(bytes));
        return bytes;
    }

    /// <summary>Empty bytes are a partition that was never written.</summary>
    public static StoredState Unpack(byte[] bytes)
    {
        if (bytes.Length == 0)
            return None;
        if (bytes.Length < FixedLength + SumLength)
            return None with { Damage = $"it is cut short: {bytes.Length} bytes" };
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(bytes.Length - SumLength)) != SumOf(bytes))
            return None with { Damage = "its checksum does not match" };
        if (bytes[0] != Format)
            throw new StoreMismatchException($"A partition is stored in format {bytes[0]}; this version reads {Format}. It was written by another version.");
        var flags = bytes[FixedLength - 1];
        var chain = (flags & HasChain) == 0 ? default : (ReadOnlyMemory<byte>)bytes.AsMemory(FixedLength, Journal.HashLength);
        return new StoredState(
            new Fence(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(1)), BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(9))),
            BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(FenceLength)),
            BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(FenceLength + 8)),
            chain,
            (flags & HasHead) == 0 ? null : bytes.AsMemory(FixedLength + chain.Length, bytes.Length - SumLength - FixedLength - chain.Length));
    }

    // The sequence is left out: the store fills it in, and proves it by the journal's last batch.
    private static uint SumOf(ReadOnlySpan<byte> bytes) => Sum(Sum(uint.MaxValue, bytes[..FenceLength]), bytes[(FenceLength + 8)..^SumLength]);

    private static uint Sum(uint sum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var one in bytes)
            sum = BitOperations.Crc32C(sum, one);
        return sum;
    }
}
