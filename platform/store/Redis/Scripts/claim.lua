-- Claims due entries under a lease: by priority, within it in turns among tenants, within these the earliest first.
-- KEYS[1] the shard's base; ARGV: limit, lease (ms). Replies {member, entry, lease until}...
local due = KEYS[1] .. ':due'
local limit, lease = tonumber(ARGV[1]), tonumber(ARGV[2])
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

local result = {}
local taken = 0
local untilMs = real + lease
for priority = 0, 7 do
  local queue = due .. ':' .. priority
  while taken < limit do
    local tenants = redis.call('ZRANGEBYSCORE', queue, '-inf', now, 'LIMIT', 0, limit)
    if #tenants == 0 then
      break
    end
    local share = math.max(1, math.floor((limit - taken) / #tenants))
    for _, tenant in ipairs(tenants) do
      local own = queue .. ':' .. tenant
      local members = {}
      if taken < limit then
        members = redis.call('ZRANGEBYSCORE', own, '-inf', now, 'LIMIT', 0, math.min(share, limit - taken))
      end
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
