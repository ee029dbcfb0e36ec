-- Commits one shard's batch. Partition by partition all or nothing.
-- KEYS[1]  the shard's base, {prefix:sN}: every key made of it here lives in the same slot.
-- ARGV     now, tolerance (ms), number of partitions; then for each partition:
--          key, expected fence ('' = never written), w;
--          w = 0: check only; w = 1: next fence, rest of the state, listed-under ('' = not listed), id, tenant,
--            journal batch ('' = none), its first number, the partition's previous sequence, mark (last number if a page begins after it, else ''),
--            n + n keys that must be absent, n + n (key, value) to put, n + n keys to delete, n + n (key, priority or '' = remove, due, payload).
-- Replies  {0, real, offset} when the clock is too far off, else {1, real, offset, outcome...}; an outcome is
--          a number: done, the sequence of its journal batch or 0; a text: the fence did not match, this is the state; a list: these keys are there after all.
local base = KEYS[1]
local call = redis.call
local time = call('TIME')
local real = time[1] * 1000 + math.floor(time[2] / 1000)
local meta = call('HMGET', base .. ':meta', 'offset', 'sequence')
local offset = tonumber(meta[1] or '0')
if math.abs(real + offset - tonumber(ARGV[1])) > tonumber(ARGV[2]) then
  return { 0, real, offset }
end

local at = 4
local function take()
  local value = ARGV[at]
  at = at + 1
  return value
end
-- A list in ARGV: where it begins and ends. 'unpack' takes some thousands at most, so long ones go in pieces.
local function span(width)
  local from = at + 1
  at = from + tonumber(ARGV[at]) * width
  return from, at - 1
end
local function inPieces(command, key, from, to, each)
  for first = from, to, 2000 do
    each(call(command, key, unpack(ARGV, first, math.min(first + 1999, to))), first)
  end
end
local function nothing() end

-- First all checks, so that nothing is written before it is known what.
local states = base .. ':state'
local result = { 1, real, offset }
local writes = {}
local appended = 0
for index = 4, 3 + tonumber(ARGV[3]) do
  local key, expected = take(), take()
  local current = call('HGET', states, key) or ''
  local conflict = string.sub(current, 1, 17) ~= expected
  if take() == '0' then
    result[index] = conflict and current or 0
  else
    local write = { key = key, fresh = expected == '', index = index, fence = take(), rest = take(), listed = take(), id = take(), tenant = take(),
      journal = take(), first = take(), previous = take(), mark = take() }
    write.absentFrom, write.absentTo = span(1)
    write.putFrom, write.putTo = span(2)
    write.deleteFrom, write.deleteTo = span(1)
    write.dueFrom, write.dueTo = span(4)
    local present
    if not conflict and write.absentTo >= write.absentFrom then
      inPieces('HMGET', base .. ':record:' .. key, write.absentFrom, write.absentTo, function(values, first)
        for n = 1, #values do
          if values[n] then
            present = present or {}
            present[#present + 1] = ARGV[first + n - 1]
            present[#present + 1] = values[n]
          end
        end
      end)
    end
    if conflict then
      result[index] = current
    elseif present then
      result[index] = present
    else
      writes[#writes + 1] = write
      if write.journal ~= '' then
        appended = appended + 1
      end
    end
  end
end
if #writes == 0 then
  return result
end

-- The first write is one that Redis refuses when memory is full, the disk fails or this is a replica: then nothing was written at all.
local sequence = call('HINCRBY', base .. ':meta', 'sequence', appended) - appended
local due = base .. ':due'
for _, write in ipairs(writes) do
  local key = write.key
  local mine = 0
  local last = tonumber(write.previous)
  if write.journal ~= '' then
    sequence = sequence + 1
    mine = sequence
    last = sequence
    call('XADD', base .. ':journal', string.format('%.0f-0', sequence), 'p', write.previous, 'n', write.first, 'b', write.journal)
    if write.mark ~= '' then
      call('ZADD', base .. ':page:' .. key, write.mark, string.format('%.0f', sequence))
    end
  end
  call('HSET', states, key, write.fence .. struct.pack('>I8', last) .. write.rest)
  if write.fresh and write.listed ~= '' then
    call('ZADD', base .. ':list:' .. write.listed, 0, write.id)
  end
  if write.putTo >= write.putFrom then
    inPieces('HSET', base .. ':record:' .. key, write.putFrom, write.putTo, nothing)
  end
  if write.deleteTo >= write.deleteFrom then
    inPieces('HDEL', base .. ':record:' .. key, write.deleteFrom, write.deleteTo, nothing)
  end
  for from = write.dueFrom, write.dueTo, 4 do
    local member = key .. '|' .. ARGV[from]
    local before = call('HGET', due .. ':entry', member)
    if before then
      call('ZREM', due .. ':' .. string.match(before, '^%d+') .. ':' .. write.tenant, member)
      call('ZREM', due .. ':leased', member)
    end
    local priority = ARGV[from + 1]
    if priority == '' then
      if before then
        call('HDEL', due .. ':entry', member)
      end
    else
      local ms = ARGV[from + 2]
      call('HSET', due .. ':entry', member, priority .. ' ' .. ms .. ' ' .. ARGV[from + 3])
      call('ZADD', due .. ':' .. priority .. ':' .. write.tenant, ms, member)
      call('ZADD', due .. ':' .. priority, 'LT', ms, write.tenant)
    end
  end
  result[write.index] = mine
end
return result
