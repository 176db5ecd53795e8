-- Take a delivery that was handed over for one attempt. A message that comes twice, or late, finds nothing to take.
-- KEYS: delivery, leases, parked lines   ARGV: id, token, lease ms, prefix of lines
-- Gives {attempts with this one, owner}, or nothing.
local state = redis.call('HMGET', KEYS[1], 'state', 'token', 'receiver', 'owner')
if state[1] == 'sending' and state[2] == ARGV[2] then
  -- The same call again: its first answer was lost on the way.
  return redis.call('HMGET', KEYS[1], 'attempts', 'owner')
end
if not state[1] then return false end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lines = {'of:' .. state[4], state[3]}
-- Purged before anybody took it: its places go to others. With a token it was taken, and who did gives them back.
if state[1] == 'cancelled' and not state[2] and redis.call('ZREM', KEYS[2], ARGV[1]) == 1 then
  for _, line in ipairs(lines) do
    redis.call('ZREM', ARGV[4] .. line .. ':under_way', ARGV[1])
    local paused_until = tonumber(redis.call('HGET', ARGV[4] .. line, 'paused_until') or '0')
    redis.call('ZADD', KEYS[3], 'XX', math.max(now, paused_until), line)
  end
end
if state[1] ~= 'queued' then return false end
redis.call('HSET', KEYS[1], 'state', 'sending', 'token', ARGV[2], 'started_at', now)
redis.call('HINCRBY', KEYS[1], 'attempts', 1)
redis.call('HINCRBY', KEYS[1], 'round', 1)
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[3]), ARGV[1])
for _, line in ipairs(lines) do
  redis.call('ZADD', ARGV[4] .. line .. ':under_way', now + tonumber(ARGV[3]), ARGV[1])
end
return redis.call('HMGET', KEYS[1], 'attempts', 'owner')
