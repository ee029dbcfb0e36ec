-- Lets go of a partition's oldest journal batches and keeps the link of the chain where it now begins.
-- KEYS[1] the shard's base; ARGV: partition, number after which it begins so far, number after which it will begin, sequence and hash of the last batch that goes, the
--         sequences of all that go: they were read from this partition's chain. Other partitions of the shard have their batches in the same stream.
-- Replies 1 when done, 0 when they are not relayed yet, -1 when it does not begin where the caller thinks.
local base, partition = KEYS[1], ARGV[1]
local kept = redis.call('HGET', base .. ':trim', partition)
local number = kept and struct.unpack('>I8', kept) or 0
if number ~= tonumber(ARGV[2]) then
  return -1
end
if tonumber(redis.call('HGET', base .. ':meta', 'cursor') or '0') < tonumber(ARGV[4]) then
  return 0
end
-- The first write is one that Redis refuses when memory is full: then nothing was let go.
redis.call('HSET', base .. ':trim', partition, struct.pack('>I8I8', tonumber(ARGV[3]), tonumber(ARGV[4])) .. ARGV[5])
redis.call('ZADD', base .. ':trimmed', ARGV[4], partition)
for at = 6, #ARGV do
  redis.call('XDEL', base .. ':journal', ARGV[at] .. '-0')
end
redis.call('ZREMRANGEBYSCORE', base .. ':page:' .. partition, '-inf', ARGV[3])
return 1
