-- Take a delivery that was handed over for one attempt. A message that comes twice, or late, finds nothing to take.
-- KEYS: delivery, leases   ARGV: id, token, lease ms, prefix of receivers
-- Gives {attempts with this one, owner}, or nothing.
local state = redis.call('HMGET', KEYS[1], 'state', 'token', 'receiver')
if state[1] == 'sending' and state[2] == ARGV[2] then
  -- The same call again: its first answer was lost on the way.
  return redis.call('HMGET', KEYS[1], 'attempts', 'owner')
end
if state[1] ~= 'queued' then return false end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'state', 'sending', 'token', ARGV[2], 'started_at', now)
redis.call('HINCRBY', KEYS[1], 'attempts', 1)
redis.call('HINCRBY', KEYS[1], 'round', 1)
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[3]), ARGV[1])
redis.call('ZADD', ARGV[4] .. state[3] .. ':under_way', now + tonumber(ARGV[3]), ARGV[1])
return redis.call('HMGET', KEYS[1], 'attempts', 'owner')
