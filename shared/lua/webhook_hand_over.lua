-- Choose deliveries to be sent now: due, of a key that has room, and to a receiver that has room and no pause. The others
-- are parked with the key or the receiver, so that however many wait for dead ones, they cost nothing until it is their
-- turn. Both are lines: what is under way in one, what is parked in it, and for receivers their failures.
-- KEYS: due, leases, parked lines, the queue's list
-- ARGV: most messages in the queue, most ids to give, lease ms, most under way to a receiver, most under way of a key,
--       failures until a pause, ms until parked ones are looked at again in any case, prefix of deliveries, prefix of lines
-- Gives ids, each of which has a lease: a message that is lost is sent again when that has run out.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local host_limit, key_limit, threshold = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local lease_end, look_again = now + tonumber(ARGV[3]), now + tonumber(ARGV[7])
local lines = {}

local function line_of(name)
  if lines[name] then return lines[name] end
  local key = ARGV[9] .. name
  local stored = redis.call('HMGET', key, 'failures', 'paused_until')
  local failures = tonumber(stored[1] or '0')
  -- Each failure in a row takes a place away, so that one who holds the line holds few lines. After a pause one delivery
  -- goes first, and the others follow if it arrives.
  local limit = math.max(1, host_limit - failures)
  if failures >= threshold then limit = 1 end
  local is_key = string.sub(name, 1, 3) == 'of:'
  if is_key then limit = key_limit end
  redis.call('ZREMRANGEBYSCORE', key .. ':under_way', '-inf', now)
  lines[name] = {name = name, key = key, is_key = is_key, ready_at = tonumber(stored[2] or '0'),
                 free = limit - redis.call('ZCARD', key .. ':under_way')}
  return lines[name]
end

local function is_open(line)
  return line.ready_at <= now and line.free > 0
end

local function read(id)
  local d = redis.call('HMGET', ARGV[8] .. id, 'state', 'owner', 'receiver', 'expires_at')
  if d[1] ~= 'pending' or tonumber(d[4]) <= now then return nil end
  return {id = id, expires_at = tonumber(d[4]), owner = line_of('of:' .. d[2]), receiver = line_of(d[3])}
end

local function park(line, delivery, due_at)
  local parked = line.key .. ':parked'
  redis.call('ZADD', parked, due_at, delivery.id)
  redis.call('ZADD', KEYS[3], 'NX', line.ready_at > now and line.ready_at or look_again, line.name)
  local left = delivery.expires_at - now
  if redis.call('PTTL', parked) < left then redis.call('PEXPIRE', parked, left) end
end

-- First those that wait for a line which may have room again; they are due as of when they were.
local moved = 0
local function unpark(line)
  local parked = line.key .. ':parked'
  while is_open(line) and moved < 500 do
    local first = redis.call('ZRANGE', parked, 0, 0, 'WITHSCORES')
    if not first[1] then break end
    moved = moved + 1
    redis.call('ZREM', parked, first[1])
    local delivery = read(first[1])
    if delivery then
      local other = line.is_key and delivery.receiver or delivery.owner
      local can_go = is_open(other)
      if can_go then
        redis.call('ZADD', KEYS[1], first[2], first[1])
        other.free = other.free - 1
      else
        park(other, delivery, first[2])
      end
      -- A key goes on past those whose receiver is not ready; a receiver moves no more to a key than it could take
      -- itself, or the two would pass everything back and forth.
      if can_go or not line.is_key then line.free = line.free - 1 end
    end
  end
end

for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, 50)) do
  local line = line_of(name)
  unpark(line)
  if redis.call('EXISTS', line.key .. ':parked') == 1 then
    local at = line.ready_at > now and line.ready_at or look_again
    if is_open(line) then at = now end
    redis.call('ZADD', KEYS[3], at, name)
  else
    redis.call('ZREM', KEYS[3], name)
  end
end

lines = {}
local given, looked_at = {}, 0
local room = math.min(tonumber(ARGV[2]), tonumber(ARGV[1]) - redis.call('LLEN', KEYS[4]))
while #given < room and looked_at < 500 do
  local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'WITHSCORES', 'LIMIT', 0, 1)
  local id = due[1]
  if not id then break end
  looked_at = looked_at + 1
  redis.call('ZREM', KEYS[1], id)
  local delivery = read(id)
  if delivery then
    local owner, receiver = delivery.owner, delivery.receiver
    -- The key first, so that what waits for it stays in one order, and a receiver's line is short.
    if not is_open(owner) then
      park(owner, delivery, due[2])
    elseif not is_open(receiver) then
      park(receiver, delivery, due[2])
      -- The place that is left is for others of the key.
      redis.call('ZADD', KEYS[3], 'XX', now, owner.name)
    else
      for _, line in ipairs({owner, receiver}) do
        redis.call('ZADD', line.key .. ':under_way', lease_end, id)
        redis.call('PEXPIRE', line.key .. ':under_way', 24 * 3600 * 1000)
        line.free = line.free - 1
      end
      redis.call('ZADD', KEYS[2], lease_end, id)
      redis.call('HSET', ARGV[8] .. id, 'state', 'queued')
      given[#given + 1] = id
    end
  end
end
return given
