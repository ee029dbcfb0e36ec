-- When the shard's next entry becomes claimable, on the installation's clock; false when there is none.
local due = KEYS[1] .. ':due'
-- Most shards of a quiet installation have none.
if redis.call('EXISTS', due .. ':entry') == 0 then
  return false
end
local first
local function earlier(ms)
  if ms and (not first or ms < first) then
    first = ms
  end
end
for priority = 0, 7 do
  earlier(tonumber(redis.call('ZRANGE', due .. ':' .. priority, 0, 0, 'WITHSCORES')[2]))
end
local lease = tonumber(redis.call('ZRANGE', due .. ':leased', 0, 0, 'WITHSCORES')[2])
earlier(lease and lease + tonumber(redis.call('HGET', KEYS[1] .. ':meta', 'offset') or '0'))
return first or false
