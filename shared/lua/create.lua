-- Accept a job: all of it or nothing. A second call for the same id (a retried command) changes nothing.
-- KEYS: job, image, waiting   ARGV: id, owner, sealed request, sealed image, image TTL ms, job TTL ms
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'status', 'queued', 'owner', ARGV[2], 'request', ARGV[3], 'attempts', 0,
           'created_at', now, 'expires_at', now + ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5])
redis.call('ZADD', KEYS[3], now, ARGV[1])
return 1
