-- Reads partitions as of one moment.
-- KEYS[1]  the shard's base.
-- ARGV     number of partitions; for each: key, known fence ('?' = send the state), n + n record keys.
-- Replies  {real, offset, {state (1 = still the known one), record...}...}
local base = KEYS[1]
local time = redis.call('TIME')
local result = { time[1] * 1000 + math.floor(time[2] / 1000), tonumber(redis.call('HGET', base .. ':meta', 'offset') or '0') }
local at = 2
for index = 1, tonumber(ARGV[1]) do
  local key, known, count = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  at = at + 3
  local state = redis.call('HGET', base .. ':state', key) or ''
  local loaded = { state }
  if known ~= '?' and string.sub(state, 1, 17) == known then
    loaded[1] = 1
  end
  for first = at, at + count - 1, 2000 do
    local values = redis.call('HMGET', base .. ':record:' .. key, unpack(ARGV, first, math.min(first + 1999, at + count - 1)))
    for n = 1, #values do
      loaded[#loaded + 1] = values[n]
    end
  end
  at = at + count
  result[index + 2] = loaded
end
return result
