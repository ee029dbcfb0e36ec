-- A hold as most would write it on Redis: one script for each command.
-- KEYS: the pool, its holds, its journal, all of one slot. ARGV: hold id, account id, now (ms).
-- Replies {outcome, available, held, version}: 0 placed, 1 the same hold again, 2 its id has other content, 3 no credit, 4 no such pool.
local pool = redis.call('HMGET', KEYS[1], 'available', 'held', 'version')
local available, held, version = tonumber(pool[1]), tonumber(pool[2]), tonumber(pool[3])
if not available then
  return { 4, 0, 0, 0 }
end
local known = redis.call('HGET', KEYS[2], ARGV[1])
if known then
  return { string.match(known, '^held|(.-)|') == ARGV[2] and 1 or 2, available, held, version }
end
if available == 0 then
  return { 3, 0, held, version }
end
available, held, version = available - 1, held + 1, version + 1
redis.call('HSET', KEYS[1], 'available', available, 'held', held, 'version', version)
redis.call('HSET', KEYS[2], ARGV[1], 'held|' .. ARGV[2] .. '|' .. ARGV[3])
redis.call('XADD', KEYS[3], '*', 'kind', 'held', 'hold', ARGV[1], 'credits', 1, 'available', available, 'held', held, 'at', ARGV[3])
return { 0, available, held, version }
