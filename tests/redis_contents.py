"""All that a Redis holds, as bytes to search: keys and values of every type, compressed by nothing."""

from redis import Redis


def everything(redis: Redis) -> bytes:
    """Every key with its value, one after the other."""
    found = []
    for key in redis.keys("*"):
        found.append(key)
        match redis.type(key):
            case b"string":
                found.append(redis.get(key) or b"")
            case b"hash":
                found += [part for pair in redis.hgetall(key).items() for part in pair]
            case b"list":
                found += redis.lrange(key, 0, -1)
            case b"set":
                found += redis.smembers(key)
            case b"zset":
                found += redis.zrange(key, 0, -1)
            case b"none":
                pass  # it expired meanwhile
            case kind:
                raise AssertionError(f"{key!r} is of a type that nothing here stores: {kind!r}")
    return b"\n".join(found)
