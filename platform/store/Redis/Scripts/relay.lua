-- Takes or keeps the shard's relay lease and reads what is to be published; the lease is kept only while there is something.
-- KEYS[1] the shard's base; ARGV: owner, lease (ms), sequence that was published ('' = none), limit (0 = read nothing, give the lease back).
-- Replies false when another owner has the lease, else {cursor, sequence, batch...}
local base, owner = KEYS[1], ARGV[1]
local meta = base .. ':meta'
local time = redis.call('TIME')
local real = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HMGET', meta, 'relayOwner', 'relayUntil', 'cursor', 'sequence')
local cursor = tonumber(state[3] or '0')
if state[1] ~= owner then
  -- An owner that was overtaken must not move the cursor any more.
  if ARGV[3] ~= '' or tonumber(state[2] or '0') > real then
    return false
  end
end
if ARGV[3] ~= '' and tonumber(ARGV[3]) > cursor then
  cursor = tonumber(ARGV[3])
  redis.call('HSET', meta, 'cursor', ARGV[3])
end
if ARGV[4] == '0' or cursor >= tonumber(state[4] or '0') then
  -- An idle look writes nothing.
  if state[1] then
    redis.call('HDEL', meta, 'relayOwner', 'relayUntil')
  end
  return { cursor }
end
redis.call('HSET', meta, 'relayOwner', owner, 'relayUntil', string.format('%.0f', real + tonumber(ARGV[2])))
local result = { cursor }
for _, row in ipairs(redis.call('XRANGE', base .. ':journal', string.format('(%.0f-0', cursor), '+', 'COUNT', ARGV[4])) do
  result[#result + 1] = tonumber(string.match(row[1], '^%d+'))
  for n = 1, #row[2], 2 do
    if row[2][n] == 'b' then
      result[#result + 1] = row[2][n + 1]
    end
  end
end
return result
