-- Remove a job with all that is known of it; one that had not ended is cancelled by that. Its webhook is sent no more.
-- KEYS: job, image, waiting, leases, due, usage, delivery, due deliveries, deliveries of the owner
-- ARGV: id, channel, usage TTL ms
-- Gives the status that it had, or nothing.
local status = redis.call('HGET', KEYS[1], 'status')
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('ZREM', KEYS[5], ARGV[1])
redis.call('ZREM', KEYS[8], ARGV[1])
redis.call('ZREM', KEYS[9], ARGV[1])
-- What is left of it holds no data of anybody: an attempt under way needs it to give back its place.
if redis.call('EXISTS', KEYS[7]) == 1 then redis.call('HSET', KEYS[7], 'state', 'cancelled') end
if status == 'queued' or status == 'processing' then
  redis.call('HINCRBY', KEYS[6], 'cancelled', 1)
  redis.call('PEXPIRE', KEYS[6], ARGV[3])
  redis.call('PUBLISH', ARGV[2], ARGV[1])
end
return status
