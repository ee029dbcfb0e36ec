-- Creates the store or says what it was created with. KEYS[1] the base of shard 0; ARGV: format, shards.
local meta = KEYS[1] .. ':meta'
if redis.call('HEXISTS', meta, 'shards') == 0 then
  redis.call('HSET', meta, 'format', ARGV[1], 'shards', ARGV[2])
end
return redis.call('HMGET', meta, 'format', 'shards')
