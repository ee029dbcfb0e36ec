-- Reads the clock; raises the offset first if ARGV[1] is given.
local time = redis.call('TIME')
local meta = KEYS[1] .. ':meta'
local offset = tonumber(redis.call('HGET', meta, 'offset') or '0')
if ARGV[1] and tonumber(ARGV[1]) > offset then
  offset = tonumber(ARGV[1])
  redis.call('HSET', meta, 'offset', ARGV[1])
end
return { time[1] * 1000 + math.floor(time[2] / 1000), offset }
