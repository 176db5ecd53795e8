-- End an attempt: by the one who made it (token given), or, without a token, once its lease has run out.
-- KEYS: delivery, log, due, leases, parked lines
-- ARGV: id, token or '', verdict (delivered, dead, retry), receiver (up, down, unknown), status or '', error or '',
--       duration ms, factor for the delay, failures until a pause, pause ms, longest pause ms, prefix of lines,
--       then the delays of the schedule in ms
-- Gives what became of it (queued, cancelled, retry, delivered, dead), or nothing if it was nobody's to end.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local d = redis.call('HMGET', KEYS[1], 'state', 'token', 'receiver', 'round', 'expires_at', 'started_at', 'owner',
                     'next_at')
local state = d[1]
if ARGV[2] ~= '' then
  if d[2] ~= ARGV[2] then return false end
elseif tonumber(redis.call('ZSCORE', KEYS[4], ARGV[1]) or 'inf') > now then
  return false
end
redis.call('ZREM', KEYS[4], ARGV[1])
if not state then return false end
redis.call('HDEL', KEYS[1], 'token')
local receiver = ARGV[12] .. d[3]
local lines = {'of:' .. d[7], d[3]}
for _, line in ipairs(lines) do redis.call('ZREM', ARGV[12] .. line .. ':under_way', ARGV[1]) end

local function pause_after_failure()
  -- What was under way when the pause began says nothing new.
  if tonumber(redis.call('HGET', receiver, 'paused_until') or '0') > now then return end
  local failures = redis.call('HINCRBY', receiver, 'failures', 1)
  local over = failures - tonumber(ARGV[9])
  if over >= 0 then
    local pause = math.min(tonumber(ARGV[10]) * 2 ^ math.min(over, 20), tonumber(ARGV[11]))
    redis.call('HSET', receiver, 'paused_until', now + math.ceil(pause))
  end
  redis.call('PEXPIRE', receiver, 24 * 3600 * 1000)
end

if ARGV[4] == 'up' then redis.call('DEL', receiver) end
if ARGV[4] == 'down' then pause_after_failure() end
for _, line in ipairs(lines) do
  if redis.call('EXISTS', ARGV[12] .. line .. ':parked') == 1 then
    local paused_until = tonumber(redis.call('HGET', ARGV[12] .. line, 'paused_until') or '0')
    redis.call('ZADD', KEYS[5], math.max(now, paused_until), line)
  end
end

-- A message that was lost before anybody took it is no attempt, and keeps its place before what was due later.
if state == 'queued' then
  redis.call('HSET', KEYS[1], 'state', 'pending')
  redis.call('ZADD', KEYS[3], d[8], ARGV[1])
  return 'queued'
end
redis.call('RPUSH', KEYS[2], cjson.encode({
  at = tonumber(d[6]), status = ARGV[5], error = ARGV[6], duration_ms = tonumber(ARGV[7])
}))
redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1]))
if state ~= 'sending' then return 'cancelled' end

local verdict = ARGV[3]
if verdict == 'retry' then
  local delay = ARGV[12 + tonumber(d[4])]
  local next_at = delay and now + math.ceil(delay * tonumber(ARGV[8]))
  if next_at and next_at < tonumber(d[5]) then
    redis.call('HSET', KEYS[1], 'state', 'pending', 'next_at', next_at)
    redis.call('ZADD', KEYS[3], next_at, ARGV[1])
    return 'retry'
  end
  verdict = 'dead'
end
redis.call('HSET', KEYS[1], 'state', verdict)
redis.call('HDEL', KEYS[1], 'next_at')
return verdict
