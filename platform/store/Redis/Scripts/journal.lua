-- The batches that hold a partition's entries from a number on, in order.
-- KEYS[1] the shard's base; ARGV: partition, first number wanted, limit.
-- A batch names the sequence of the one before it; every 64 entries or so a mark says where to begin to walk back.
local base, partition = KEYS[1], ARGV[1]
local from, limit = tonumber(ARGV[2]), tonumber(ARGV[3])
local state = redis.call('HGET', base .. ':state', partition)
if not state then
  return {}
end
local last = struct.unpack('>I8', string.sub(state, 18, 25))
local length = struct.unpack('>I8', string.sub(state, 26, 33))
local result = {}
while from <= length and #result < limit * 2 do
  local mark = redis.call('ZRANGEBYSCORE', base .. ':page:' .. partition, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  local sequence = mark[1] and tonumber(mark[1]) or last
  local found = {}
  while sequence > 0 do
    local id = string.format('%.0f-0', sequence)
    local row = redis.call('XRANGE', base .. ':journal', id, id)[1]
    if not row then
      break
    end
    local fields = {}
    for n = 1, #row[2], 2 do
      fields[row[2][n]] = row[2][n + 1]
    end
    found[#found + 1] = { sequence, fields.b }
    if tonumber(fields.n) <= from then
      break
    end
    sequence = tonumber(fields.p)
  end
  for n = #found, 1, -1 do
    result[#result + 1] = found[n][1]
    result[#result + 1] = found[n][2]
  end
  if not mark[1] then
    break
  end
  from = tonumber(mark[2]) + 1
end
return result
