-- Send a webhook again, or at once: one that ended begins its schedule anew, one that waits for its time is due now.
-- KEYS: delivery, due   ARGV: id
-- Gives 1, or 0 if it is gone; one that is handed over or under way stays as it is.
local d = redis.call('HMGET', KEYS[1], 'state', 'expires_at')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if not d[1] or d[1] == 'cancelled' or tonumber(d[2]) <= now then return 0 end
if d[1] == 'dead' or d[1] == 'delivered' then
  redis.call('HSET', KEYS[1], 'state', 'pending', 'round', 0, 'next_at', now)
  redis.call('ZADD', KEYS[2], now, ARGV[1])
elseif d[1] == 'pending' and redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  redis.call('HSET', KEYS[1], 'next_at', now)
  redis.call('ZADD', KEYS[2], now, ARGV[1])
end
return 1
