-- End a job, if the caller still holds it: outcome in, image gone, usage counted, webhook posted, waiters told.
-- The webhook bears the id of its job, so however often a job is worked on, it has one webhook.
-- KEYS: job, image, leases, usage, delivery, due deliveries, deliveries of the owner
-- ARGV: id, token, status, sealed outcome, result TTL ms of old jobs, channel, outcome for the ledger, 1 if it is
--       charged, usage TTL ms, owner, ms that a delivery is kept beyond its result, prefix of deliveries
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
local receiver = redis.call('HGET', KEYS[1], 'receiver')
if receiver then
  -- It outlives the result, so that an attempt under way at the end finds where to give back its place.
  redis.call('HSET', KEYS[5], 'state', 'pending', 'owner', ARGV[10], 'receiver', receiver, 'attempts', 0, 'round', 0,
             'created_at', now, 'next_at', now, 'expires_at', now + ttl)
  redis.call('PEXPIRE', KEYS[5], ttl + ARGV[11])
  redis.call('ZADD', KEYS[6], now, ARGV[1])
  -- The index is by creation, and those that expired are at its old end: for one that comes, up to ten of them go.
  for _, id in ipairs(redis.call('ZRANGE', KEYS[7], 0, 9)) do
    if tonumber(redis.call('HGET', ARGV[12] .. id, 'expires_at') or '0') > now then break end
    redis.call('ZREM', KEYS[7], id)
  end
  redis.call('ZADD', KEYS[7], now, ARGV[1])
  if redis.call('PTTL', KEYS[7]) < tonumber(ttl) then redis.call('PEXPIRE', KEYS[7], ttl) end
end
redis.call('PUBLISH', ARGV[6], ARGV[1])
return 1
