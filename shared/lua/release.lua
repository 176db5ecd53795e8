-- Put a claimed job back in the queue for another attempt: by its holder (token given), or, without a token,
-- only once its lease has run out.
-- KEYS: job, waiting, leases   ARGV: id, token or ''
local status = redis.call('HGET', KEYS[1], 'status')
if status ~= 'processing' then
  if not status then redis.call('ZREM', KEYS[3], ARGV[1]) end
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[2] == '' then
  if tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1]) or '0') > now then return 0 end
elseif redis.call('HGET', KEYS[1], 'token') ~= ARGV[2] then
  return 0
end
-- First of all writes: a script that has freed memory may write on even when Redis is full.
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[1], 'token', 'delivery')
redis.call('HSET', KEYS[1], 'status', 'queued')
redis.call('ZADD', KEYS[2], now, ARGV[1])
return 1
