-- End a job, if the caller still holds it: outcome in, image gone, waiters told.
-- KEYS: job, image, leases   ARGV: id, token, status, sealed outcome, result TTL ms, channel
if redis.call('HGET', KEYS[1], 'status') ~= 'processing' or redis.call('HGET', KEYS[1], 'token') ~= ARGV[2] then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- The image goes first: a script that has freed memory may write even when Redis is full.
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'status', ARGV[3], 'outcome', ARGV[4], 'finished_at', now, 'expires_at', now + ARGV[5])
redis.call('HDEL', KEYS[1], 'token', 'delivery')
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('PUBLISH', ARGV[6], ARGV[1])
return 1
