-- Commits one shard's batch. Partition by partition all or nothing.
-- KEYS[1]  the shard's base, {prefix:sN}: every key made of it here lives in the same slot.
-- ARGV     now, tolerance (ms), number of partitions, their keys; then for each partition:
--          expected fence ('' = never written), w;
--          w = 0: check only;
--          w = 1: only new records and a journal batch: next fence, rest of the state, journal batch, its first number, the partition's previous sequence, mark (last number if a page begins
--            after it, else ''), n + n (key, value) to put where there must be none;
--          w = 2: anything: the same up to mark (journal batch '' = none), then listed-under ('' = not listed), id, tenant,
--            n + n keys that must be absent, n + n (key, value) to put, n + n keys to delete, n + n (key, priority or '' = remove, due, payload).
-- Replies  {0, real, offset} when the clock is too far off, else {1, real, offset, outcome...}; an outcome is
--          a number: done, the sequence of its journal batch or 0; a text: the fence did not match, this is the state; a list: these keys are there after all.
-- Most commits are many partitions of form 1: no closure, no table and no call more than they need stands in their way.
local base = KEYS[1]
local call = redis.call
local ARGV, sub, format = ARGV, string.sub, string.format
local time = call('TIME')
local real = time[1] * 1000 + math.floor(time[2] / 1000)
local meta = call('HMGET', base .. ':meta', 'offset', 'sequence')
local offset = tonumber(meta[1] or '0')
if math.abs(real + offset - tonumber(ARGV[1])) > tonumber(ARGV[2]) then
  return { 0, real, offset }
end

-- 'unpack' takes some thousands at most, so long lists go in pieces, of an even length.
local pieceLength = 2000
local function inPieces(command, key, list, from, to, each)
  for first = from, to, pieceLength do
    local reply = call(command, key, unpack(list, first, math.min(first + pieceLength - 1, to)))
    if each then
      each(reply, first)
    end
  end
end
-- A list of w values each that begins with its length: where it begins, and what comes after it.
local function span(at, width)
  local from = at + 1
  return from, from + tonumber(ARGV[at]) * width
end

-- First all checks, so that nothing is written before it is known what.
local states = base .. ':state'
local count = tonumber(ARGV[3])
local current = {}
inPieces('HMGET', states, ARGV, 4, 3 + count, function(values, first)
  for n = 1, #values do
    current[first - 4 + n] = values[n]
  end
end)
-- Which of these records are there, as a flat list; nil if none is.
local function present(key, keys, from, to)
  local found
  inPieces('HMGET', base .. ':record:' .. key, keys, from, to, function(values, first)
    for n = 1, #values do
      if values[n] then
        found = found or {}
        found[#found + 1] = keys[first + n - 1]
        found[#found + 1] = values[n]
      end
    end
  end)
  return found
end
local result = { 1, real, offset }
local writes, places = {}, {}
local appended = 0
local at = 4 + count
for index = 1, count do
  local state = current[index] or ''
  local conflict = sub(state, 1, 17) ~= ARGV[at]
  local form = ARGV[at + 1]
  local place = at + 2
  local found
  if form == '0' then
    at = place
    result[index + 3] = conflict and state or 0
  elseif form == '1' then
    local records = tonumber(ARGV[place + 6])
    at = place + 7 + 2 * records
    if not conflict then
      if records == 1 then
        local value = call('HGET', base .. ':record:' .. ARGV[3 + index], ARGV[place + 7])
        if value then
          found = { ARGV[place + 7], value }
        end
      elseif records > 1 then
        local keys = {}
        for n = 1, records do
          keys[n] = ARGV[place + 5 + 2 * n]
        end
        found = present(ARGV[3 + index], keys, 1, records)
      end
    end
  else
    local absent, after = span(place + 9, 1)
    if not conflict and after > absent then
      found = present(ARGV[3 + index], ARGV, absent, after - 1)
    end
    for _, width in ipairs({ 2, 1, 4 }) do
      _, after = span(after, width)
    end
    at = after
  end
  if form ~= '0' then
    if conflict then
      result[index + 3] = state
    elseif found then
      result[index + 3] = found
    else
      writes[#writes + 1] = index
      places[#places + 1] = place
      if ARGV[place + 2] ~= '' then
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

-- What form 2 has besides: due times of one partition.
local due = base .. ':due'
local function setDue(key, tenant, from, to)
  for entry = from, to, 4 do
    local member = key .. '|' .. ARGV[entry]
    local before = call('HGET', due .. ':entry', member)
    if before then
      call('ZREM', due .. ':' .. string.match(before, '^%d+') .. ':' .. tenant, member)
      call('ZREM', due .. ':leased', member)
    end
    local priority = ARGV[entry + 1]
    if priority == '' then
      if before then
        call('HDEL', due .. ':entry', member)
      end
    else
      local ms = ARGV[entry + 2]
      call('HSET', due .. ':entry', member, priority .. ' ' .. ms .. ' ' .. ARGV[entry + 3])
      call('ZADD', due .. ':' .. priority .. ':' .. tenant, ms, member)
      call('ZADD', due .. ':' .. priority, 'LT', ms, tenant)
    end
  end
end

local journal = base .. ':journal'
local changed = {}
for n = 1, #writes do
  local index, place = writes[n], places[n]
  local key = ARGV[3 + index]
  local mine, last = 0, ARGV[place + 4]
  if ARGV[place + 2] ~= '' then
    sequence = sequence + 1
    mine = sequence
    call('XADD', journal, format('%.0f-0', sequence), 'p', last, 'n', ARGV[place + 3], 'b', ARGV[place + 2])
    if ARGV[place + 5] ~= '' then
      call('ZADD', base .. ':page:' .. key, ARGV[place + 5], format('%.0f', sequence))
    end
    last = sequence
  end
  changed[2 * n - 1] = key
  changed[2 * n] = ARGV[place] .. struct.pack('>I8', tonumber(last)) .. ARGV[place + 1]
  if ARGV[place - 1] == '1' then
    local records = tonumber(ARGV[place + 6])
    if records == 1 then
      call('HSET', base .. ':record:' .. key, ARGV[place + 7], ARGV[place + 8])
    elseif records > 1 then
      inPieces('HSET', base .. ':record:' .. key, ARGV, place + 7, place + 6 + 2 * records)
    end
  else
    if ARGV[place - 2] == '' and ARGV[place + 6] ~= '' then
      call('ZADD', base .. ':list:' .. ARGV[place + 6], 0, ARGV[place + 7])
    end
    local _, from, after = nil, nil, nil
    _, after = span(place + 9, 1)
    from, after = span(after, 2)
    if after > from then
      inPieces('HSET', base .. ':record:' .. key, ARGV, from, after - 1)
    end
    from, after = span(after, 1)
    if after > from then
      inPieces('HDEL', base .. ':record:' .. key, ARGV, from, after - 1)
    end
    from, after = span(after, 4)
    setDue(key, ARGV[place + 8], from, after - 1)
  end
  result[index + 3] = mine
end
inPieces('HSET', states, changed, 1, #changed)
return result
