-- Choose deliveries to be sent now: due, and to a receiver that has room and no pause. The others are parked with their
-- receiver, so that however many wait for a dead one, they cost nothing until it is its turn.
-- KEYS: due, leases, parked receivers, the queue's list
-- ARGV: most messages in the queue, most ids to give, lease ms, most under way to a receiver, failures until a pause,
--       ms until parked ones are looked at again in any case, prefix of deliveries, prefix of receivers
-- Gives ids, each of which has a lease: a message that is lost is sent again when that has run out.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local host_limit, threshold = tonumber(ARGV[4]), tonumber(ARGV[5])

local function receiver_of(digest)
  local key = ARGV[8] .. digest
  local stored = redis.call('HMGET', key, 'failures', 'paused_until')
  local failures = tonumber(stored[1] or '0')
  -- Each failure in a row takes a place away, so that one who holds the line holds few lines. After a pause one delivery
  -- goes first, and the others follow if it arrives.
  local limit = math.max(1, host_limit - failures)
  if failures >= threshold then limit = 1 end
  redis.call('ZREMRANGEBYSCORE', key .. ':under_way', '-inf', now)
  return {key = key, paused_until = tonumber(stored[2] or '0'),
          free = limit - redis.call('ZCARD', key .. ':under_way')}
end

local function can_be_sent(delivery)
  return delivery[1] == 'pending' and tonumber(delivery[3]) > now
end

-- First those that wait for a receiver which may be ready again.
for _, digest in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, 50)) do
  local receiver = receiver_of(digest)
  local parked = receiver.key .. ':parked'
  local look_again = now + tonumber(ARGV[6])
  if receiver.paused_until > now then
    look_again = receiver.paused_until
  else
    while receiver.free > 0 do
      local first = redis.call('ZRANGE', parked, 0, 0, 'WITHSCORES')
      if not first[1] then break end
      redis.call('ZREM', parked, first[1])
      if can_be_sent(redis.call('HMGET', ARGV[7] .. first[1], 'state', 'receiver', 'expires_at')) then
        redis.call('ZADD', KEYS[1], first[2], first[1])
        receiver.free = receiver.free - 1
      end
    end
  end
  if redis.call('EXISTS', parked) == 1 then
    redis.call('ZADD', KEYS[3], look_again, digest)
  else
    redis.call('ZREM', KEYS[3], digest)
  end
end

local given, looked_at = {}, 0
local room = math.min(tonumber(ARGV[2]), tonumber(ARGV[1]) - redis.call('LLEN', KEYS[4]))
while #given < room and looked_at < 500 do
  local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', 'LIMIT', 0, 1)
  local id = due[1]
  if not id then break end
  looked_at = looked_at + 1
  redis.call('ZREM', KEYS[1], id)
  local delivery = redis.call('HMGET', ARGV[7] .. id, 'state', 'receiver', 'expires_at')
  if can_be_sent(delivery) then
    local receiver = receiver_of(delivery[2])
    if receiver.paused_until > now or receiver.free <= 0 then
      redis.call('ZADD', receiver.key .. ':parked', due[2], id)
      redis.call('ZADD', KEYS[3], 'NX', math.max(receiver.paused_until, now + tonumber(ARGV[6])), delivery[2])
      local left = tonumber(delivery[3]) - now
      if redis.call('PTTL', receiver.key .. ':parked') < left then
        redis.call('PEXPIRE', receiver.key .. ':parked', left)
      end
    else
      redis.call('ZADD', receiver.key .. ':under_way', now + tonumber(ARGV[3]), id)
      redis.call('PEXPIRE', receiver.key .. ':under_way', 24 * 3600 * 1000)
      redis.call('ZADD', KEYS[2], now + tonumber(ARGV[3]), id)
      redis.call('HSET', ARGV[7] .. id, 'state', 'queued')
      given[#given + 1] = id
    end
  end
end
return given
