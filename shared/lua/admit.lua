-- Let a submission in, before its body is read: is there room in the queue, and does the key have tokens left?
-- The rate is a bucket of `rate` tokens that fills up within a minute (GCRA: what is kept is when it will be full).
-- KEYS: waiting, pace, bucket, quota, idempotency
-- ARGV: rate a minute (0: none), tokens wanted, quota a day (0: none), queue limit, wait limit ms, 1 to take the tokens
-- Whoever repeats what was accepted under an idempotency key is let in and pays nothing.
-- Gives {verdict, jobs that wait, ms until a job accepted now is taken, tokens left, ms until the bucket is full,
--        ms until these tokens are there, accepted today}; takes no token unless the verdict is 'ok'.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local waiting = redis.call('ZCOUNT', KEYS[1], '-inf', now)
local wait = 0
if waiting > 0 then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  wait = math.max(now - tonumber(oldest[2]), waiting * tonumber(redis.call('HGET', KEYS[2], 'interval') or '0'))
end
local rate, tokens, quota = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local used = tonumber(redis.call('GET', KEYS[4]) or '0')
local left, full_in, verdict, retry = 0, 0, 'ok', 0

local function stored_full_at()
  local full_at = tonumber(redis.call('GET', KEYS[3]) or '0')
  -- A bucket is full within a minute; one that takes much longer was kept before the clock was set back.
  if full_at > now + 120000 then return now end
  return math.max(now, math.min(full_at, now + 60000))
end

local full_at = now
if rate > 0 then
  full_at = stored_full_at()
  -- More at once than ever fit into the bucket take all of it.
  local after = full_at + math.min(tokens, rate) * 60000 / rate
  if after > now + 60000 then
    verdict, retry = 'rate', after - now - 60000
  else
    full_at = after
  end
end
if quota > 0 and used + tokens > quota then verdict = 'quota' end
if waiting >= tonumber(ARGV[4]) or wait > tonumber(ARGV[5]) then verdict = 'full' end
local is_repeat = redis.call('EXISTS', KEYS[5]) == 1
if is_repeat then verdict = 'ok' end
if rate > 0 then
  if verdict == 'ok' and ARGV[6] == '1' and not is_repeat then
    redis.call('SET', KEYS[3], full_at, 'PX', math.ceil(full_at - now) + 1)
  else
    full_at = stored_full_at()
  end
  full_in = full_at - now
  left = math.floor((60000 - full_in) * rate / 60000 + 0.001)
end
return {verdict, waiting, math.ceil(wait), left, math.ceil(full_in), math.ceil(retry), used}
