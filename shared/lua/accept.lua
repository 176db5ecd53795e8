-- Accept jobs: all of them or nothing. A second call for the same ids (a retried command) changes nothing.
-- KEYS: waiting, due, idempotency, quota, batch, then job and image of each
-- ARGV: owner, not after (ms, clock of Redis), queue limit, quota a day (0: none), idempotency value ('' without a key),
--       idempotency TTL ms, image TTL ms, result TTL ms, sealed batch ('' without one), quota TTL ms,
--       then of each job: id, sealed request, sealed image, delay ms, receiver of its webhook ('' without one)
-- Gives {'accepted'}; {'known', value} of an idempotency key used before; {'full'}; {'quota'}; or {'late'}: by then the
-- caller has given up, and told its client so.
local first_key, first_arg = 6, 11
local count = (#KEYS - first_key + 1) / 2
if count > 0 and redis.call('EXISTS', KEYS[first_key]) == 1 then return {'accepted'} end
if ARGV[5] ~= '' then
  local known = redis.call('GET', KEYS[3])
  if known then
    if known == ARGV[5] then return {'accepted'} end
    -- From now on somebody knows of these jobs: they can be taken back no more (retract.lua).
    if string.match(known, '^%x+') == string.match(ARGV[5], '^%x+') and not string.find(known, ':told', 1, true) then
      redis.call('SET', KEYS[3], known .. ':told', 'KEEPTTL')
    end
    return {'known', known}
  end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(ARGV[2]) then return {'late'} end
if count > 0 and redis.call('ZCOUNT', KEYS[1], '-inf', now) + count > tonumber(ARGV[3]) then return {'full'} end
if tonumber(ARGV[4]) > 0 then
  if tonumber(redis.call('GET', KEYS[4]) or '0') + count > tonumber(ARGV[4]) then return {'quota'} end
  redis.call('INCRBY', KEYS[4], count)
  redis.call('PEXPIRE', KEYS[4], ARGV[10])
end
-- A job must outlive its image, so that its owner learns that it was not read in time.
local ttl = tonumber(ARGV[7]) + tonumber(ARGV[8])
for number = 0, count - 1 do
  local job, image = KEYS[first_key + 2 * number], KEYS[first_key + 2 * number + 1]
  local at = first_arg + 5 * number
  local queued_at = now + tonumber(ARGV[at + 3])
  redis.call('HSET', job, 'status', 'queued', 'owner', ARGV[1], 'request', ARGV[at + 1], 'attempts', 0,
             'created_at', now, 'expires_at', now + ttl, 'result_ttl', ARGV[8])
  if ARGV[at + 4] ~= '' then redis.call('HSET', job, 'receiver', ARGV[at + 4]) end
  redis.call('PEXPIRE', job, ttl)
  redis.call('SET', image, ARGV[at + 2], 'PX', ARGV[7])
  redis.call('ZADD', KEYS[1], queued_at, ARGV[at])
  if queued_at > now then redis.call('ZADD', KEYS[2], queued_at, ARGV[at]) end
end
if ARGV[9] ~= '' then redis.call('SET', KEYS[5], ARGV[9], 'PX', ttl) end
if ARGV[5] ~= '' then redis.call('SET', KEYS[3], ARGV[5], 'PX', ARGV[6]) end
return {'accepted'}
