-- Claims due entries under a lease: by priority, within it each tenant the same, beginning with another one at each turn, within these the earliest first.
-- KEYS[1] the shard's base; ARGV: limit, lease (ms), turn, how long due at most (ms; empty for any time). Replies {member, entry, lease until}...
local due = KEYS[1] .. ':due'
local limit, lease, turn, dueFor = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local real = time[1] * 1000 + math.floor(time[2] / 1000)
local now = real + tonumber(redis.call('HGET', KEYS[1] .. ':meta', 'offset') or '0')
local function tenantOf(member)
  return string.match(member, '^[^:]*:([^:]*):')
end

-- Leases that ended: free again. Some at a time, so that the script stays short.
for _, member in ipairs(redis.call('ZRANGEBYSCORE', due .. ':leased', '-inf', real, 'LIMIT', 0, 1000)) do
  redis.call('ZREM', due .. ':leased', member)
  local entry = redis.call('HGET', due .. ':entry', member)
  if entry then
    local priority, ms = string.match(entry, '^(%d+) (%-?%d+) ')
    redis.call('ZADD', due .. ':' .. priority .. ':' .. tenantOf(member), ms, member)
    redis.call('ZADD', due .. ':' .. priority, 'LT', ms, tenantOf(member))
  end
end

local since = dueFor and now - dueFor or '-inf'
local result = {}
local taken = 0
local untilMs = real + lease
for priority = 0, 7 do
  local queue = due .. ':' .. priority
  local before = -1
  while taken < limit and taken > before do
    before = taken
    local tenants = redis.call('ZRANGEBYSCORE', queue, '-inf', now, 'LIMIT', 0, 1000)
    if #tenants == 0 then
      break
    end
    local share = math.max(1, math.floor((limit - taken) / #tenants))
    for step = 0, #tenants - 1 do
      if taken >= limit then
        break
      end
      local tenant = tenants[(turn + step) % #tenants + 1]
      local own = queue .. ':' .. tenant
      local members = redis.call('ZRANGEBYSCORE', own, since, now, 'LIMIT', 0, math.min(share, limit - taken))
      for _, member in ipairs(members) do
        redis.call('ZREM', own, member)
        redis.call('ZADD', due .. ':leased', untilMs, member)
        result[#result + 1] = { member, redis.call('HGET', due .. ':entry', member), untilMs }
        taken = taken + 1
      end
      -- A removed entry leaves its tenant's time as it was; it is set right here.
      local first = redis.call('ZRANGE', own, 0, 0, 'WITHSCORES')
      if first[2] then
        redis.call('ZADD', queue, first[2], tenant)
      else
        redis.call('ZREM', queue, tenant)
      end
    end
  end
end
return result
