-- Accept a job: all of it or nothing. A second call for the same id (a retried command) changes nothing.
-- KEYS: job, image, waiting
-- ARGV: id, owner, sealed request, sealed image, image TTL ms, job TTL ms, not after (ms, clock of Redis), queue limit
-- Gives 'accepted', 'full', or 'late': by then the caller has given up, and told its client so.
if redis.call('EXISTS', KEYS[1]) == 1 then return 'accepted' end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(ARGV[7]) then return 'late' end
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[8]) then return 'full' end
redis.call('HSET', KEYS[1], 'status', 'queued', 'owner', ARGV[2], 'request', ARGV[3], 'attempts', 0,
           'created_at', now, 'expires_at', now + ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5])
redis.call('ZADD', KEYS[3], now, ARGV[1])
return 'accepted'
