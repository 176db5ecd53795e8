-- Take a job for one attempt, unless it has ended or somebody holds a lease that is still good.
-- A delivery that comes again takes over from itself: the process that had it before is dead.
-- KEYS: job, waiting, leases, horizon, pace   ARGV: id, token, lease ms, delivery, longest interval ms, weight of one
-- Gives {attempt, sealed request, owner, ms it has waited}, or nothing.
local status = redis.call('HGET', KEYS[1], 'status')
if not status then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
  return false
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if status == 'processing' then
  -- The same call again: its first answer was lost on the way.
  if redis.call('HGET', KEYS[1], 'token') == ARGV[2] then
    return {tonumber(redis.call('HGET', KEYS[1], 'attempts')), redis.call('HGET', KEYS[1], 'request'),
            redis.call('HGET', KEYS[1], 'owner'), 0}
  end
  local lease = tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1]) or '0')
  if lease > now and redis.call('HGET', KEYS[1], 'delivery') ~= ARGV[4] then return false end
elseif status ~= 'queued' then
  return false
end
local queued_at = redis.call('ZSCORE', KEYS[2], ARGV[1])
-- First of all writes: a script that has freed memory may write on even when Redis is full.
redis.call('ZREM', KEYS[2], ARGV[1])
if queued_at then
  -- How far the queue has been worked off: what was queued long before this and still waits has lost its message.
  local horizon = tonumber(redis.call('GET', KEYS[4]) or '0')
  if tonumber(queued_at) > horizon then redis.call('SET', KEYS[4], queued_at) end
  -- How fast: the time between two claims, if there was something to claim all the while.
  local pace = redis.call('HMGET', KEYS[5], 'claimed_at', 'was_busy', 'interval')
  -- A clock that was set back says nothing of it; and below zero the interval would never be right again.
  if pace[2] == '1' and now >= tonumber(pace[1]) then
    local sample = math.min(now - tonumber(pace[1]), tonumber(ARGV[5]))
    local before = tonumber(pace[3]) or sample
    if not (before >= 0 and before <= tonumber(ARGV[5])) then before = sample end
    -- One pause, while workers start anew, says little of the pace; one that lasts comes through in a few claims.
    sample = math.min(sample, 4 * before + 100)
    redis.call('HSET', KEYS[5], 'interval', before + (sample - before) * tonumber(ARGV[6]))
  end
  local is_busy = redis.call('ZCOUNT', KEYS[2], '-inf', now) > 0
  redis.call('HSET', KEYS[5], 'claimed_at', now, 'was_busy', is_busy and '1' or '0')
end
redis.call('HSET', KEYS[1], 'status', 'processing', 'token', ARGV[2], 'delivery', ARGV[4])
redis.call('HSETNX', KEYS[1], 'started_at', now)
redis.call('ZADD', KEYS[3], now + ARGV[3], ARGV[1])
return {redis.call('HINCRBY', KEYS[1], 'attempts', 1), redis.call('HGET', KEYS[1], 'request'),
        redis.call('HGET', KEYS[1], 'owner'), math.max(0, now - tonumber(queued_at or now))}
