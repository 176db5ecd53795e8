-- End a job, if the caller still holds it: outcome in, image gone, usage counted, waiters told.
-- KEYS: job, image, leases, usage   ARGV: id, token, status, sealed outcome, result TTL ms of old jobs, channel,
--       outcome for the ledger, 1 if it is charged, usage TTL ms
if redis.call('HGET', KEYS[1], 'status') ~= 'processing' or redis.call('HGET', KEYS[1], 'token') ~= ARGV[2] then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl = redis.call('HGET', KEYS[1], 'result_ttl') or ARGV[5]
-- The image goes first: a script that has freed memory may write even when Redis is full.
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[1], 'status', ARGV[3], 'outcome', ARGV[4], 'finished_at', now, 'expires_at', now + ttl)
redis.call('HDEL', KEYS[1], 'token', 'delivery')
redis.call('PEXPIRE', KEYS[1], ttl)
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('HINCRBY', KEYS[4], ARGV[7], 1)
redis.call('HINCRBY', KEYS[4], 'charged', ARGV[8])
redis.call('PEXPIRE', KEYS[4], ARGV[9])
redis.call('PUBLISH', ARGV[6], ARGV[1])
return 1
