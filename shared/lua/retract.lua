-- Take back jobs whose client was told that they were not accepted, though they may have been.
-- KEYS: waiting, due, idempotency, quota, batch, then job and image of each
-- ARGV: idempotency value ('' without a key), 1 if there is a quota, then the id of each job
-- Whoever came again under the idempotency key was told of these jobs, and they stay; so does one that is in work.
-- Gives how many were taken back.
if ARGV[1] ~= '' and redis.call('GET', KEYS[3]) ~= ARGV[1] then return 0 end
local taken = 0
for number = 0, #ARGV - 3 do
  local job, image = KEYS[6 + 2 * number], KEYS[7 + 2 * number]
  if redis.call('HGET', job, 'status') == 'queued' then
    redis.call('DEL', job, image)
    redis.call('ZREM', KEYS[1], ARGV[3 + number])
    redis.call('ZREM', KEYS[2], ARGV[3 + number])
    if ARGV[2] == '1' then redis.call('DECR', KEYS[4]) end
    taken = taken + 1
  end
end
if taken == #ARGV - 2 then redis.call('DEL', KEYS[3], KEYS[5]) end
return taken
