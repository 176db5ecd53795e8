-- Ids of waiting jobs whose message must be lost: something queued `grace` later has been taken already, or the
-- queue is empty. Each is marked as queued now, so that the next round leaves it alone.
-- KEYS: waiting, horizon   ARGV: grace ms, '1' if the queue is empty, most ids to give
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local before = now
if ARGV[2] ~= '1' then before = math.min(now, tonumber(redis.call('GET', KEYS[2]) or '0')) end
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. (before - ARGV[1]), 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do redis.call('ZADD', KEYS[1], 'XX', now, id) end
return ids
