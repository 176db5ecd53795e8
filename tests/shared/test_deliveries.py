"""The outbox: one delivery for each job, handed over, claimed and settled once, however many are at it."""

import time
from dataclasses import replace

import pytest

from shared.callback_urls import Target
from shared.deliveries import AttemptResult, DeliveryStore
from shared.errors import CardNotFound
from shared.intake import Intake, NewJob, Terms
from shared.jobs import JobStore
from shared.limits import Limits
from shared.records import Outcome, ReadRequest
from shared.redis import connect
from shared.retry_schedule import read_delays
from shared.settings import InvalidSettingError
from tests.redis_contents import everything

TARGET = Target("https", "hooks.example.com", 443, "/CANARY-PATH")
URL = "https://hooks.example.com/CANARY-PATH"
READ = Outcome(message="OK", charged=True, result={"fullName": "BUDI SANTOSO"}, information={"tilt": 0.0})
ARRIVED = AttemptResult("delivered", "up", 200, None, 0.1)
BUSY = AttemptResult("retry", "down", 503, None, 0.1)
TIMEOUT = AttemptResult("retry", "down", None, "timeout", 15.0)
LOST_AT_ONCE = {"requeue_after_s": 0, "webhook_timeout_s": 0}


@pytest.fixture(params=["fakeredis", "valkey"])
def redis(request, settings, redis):
    """The scripts must do the same on the fake and on the real server."""
    if request.param == "valkey":
        return connect(replace(settings, redis_url=request.getfixturevalue("valkey_url")))
    return redis


@pytest.fixture
def make_store(redis, settings):
    return lambda **changes: DeliveryStore(redis, replace(settings, **changes))


@pytest.fixture
def store(make_store):
    return make_store()


@pytest.fixture
def jobs(redis, settings):
    return JobStore(redis, settings)


def accept(redis, settings, *, target: Target | None = TARGET, owner: str = "client", result_ttl_s: int = 3600) -> str:
    terms = Terms(owner, Limits(), settings.image_ttl_s, result_ttl_s)
    request = ReadRequest(callback_url=URL if target else None, reference_id="CANARY-REF")
    return Intake(redis, settings).accept(terms, NewJob(request, b"image", target=target)).id


@pytest.fixture
def end_job(redis, settings, jobs):
    """Makes a job with a webhook and ends it; gives its id."""

    def end(**given) -> str:
        job_id = accept(redis, settings, **given)
        assert jobs.finish(jobs.claim(job_id, "m"), READ)
        # Their order is by milliseconds.
        time.sleep(0.002)
        return job_id

    return end


def attempt(store: DeliveryStore, job_id: str, result: AttemptResult) -> None:
    assert store.hand_over() == [job_id]
    assert store.settle(store.claim(job_id), result)


def test_the_end_of_a_job_posts_its_webhook_once(redis, settings, jobs, store):
    job_id = accept(redis, settings)
    assert store.get(job_id) is None
    dead, heir = jobs.claim(job_id, "m"), jobs.claim(job_id, "m")
    assert not jobs.finish(dead, READ)
    assert store.get(job_id) is None
    assert jobs.finish(heir, Outcome.failure(CardNotFound(), "e"))
    assert not jobs.finish(heir, READ)
    found = store.get(job_id)
    assert (found.id, found.owner, found.state, found.attempts) == (job_id, "client", "pending", ())
    assert found.expires_at == jobs.get(job_id).expires_at
    assert store.hand_over() == [job_id]
    assert store.hand_over() == []


def test_a_job_without_a_callback_has_no_webhook(end_job, store):
    job_id = end_job(target=None)
    assert store.get(job_id) is None
    assert store.hand_over() == []
    assert not store.replay(job_id)


def test_an_attempt_that_arrives_ends_it(end_job, store):
    job_id = end_job()
    attempt(store, job_id, ARRIVED)
    found = store.get(job_id)
    assert (found.state, found.next_attempt_at) == ("delivered", None)
    ((status, error, duration),) = [(each.status, each.error, each.duration_s) for each in found.attempts]
    assert (status, error, duration) == (200, None, 0.1)
    assert store.hand_over() == []


def test_a_message_twice_or_late_or_invented_finds_nothing(end_job, store):
    job_id = end_job()
    assert store.claim(job_id) is None
    store.hand_over()
    claim = store.claim(job_id)
    assert claim.attempt == 1
    assert store.claim(job_id) is None
    assert store.settle(claim, ARRIVED)
    assert store.claim(job_id) is None
    assert not store.settle(claim, BUSY)
    assert store.get(job_id).state == "delivered"
    assert store.claim("unknown") is None


def test_the_schedule_then_dead_then_replayed(make_store, end_job):
    store = make_store(webhook_retries_s="0,0,0")
    job_id = end_job()
    for number in range(4):
        assert store.get(job_id).state == "pending"
        attempt(store, job_id, TIMEOUT if number else BUSY)
        time.sleep(0.002)
    found = store.get(job_id)
    assert found.state == "dead"
    assert [each.error for each in found.attempts] == [None, "timeout", "timeout", "timeout"]
    assert [each.status for each in found.attempts] == [503, None, None, None]
    assert store.hand_over() == []
    assert store.replay(job_id)
    attempt(store, job_id, BUSY)
    time.sleep(0.002)
    attempt(store, job_id, ARRIVED)
    assert store.get(job_id).state == "delivered"
    assert len(store.get(job_id).attempts) == 6


def test_each_delay_is_that_of_the_schedule_with_some_jitter(make_store, end_job, monkeypatch):
    delays = [5, 60, 300, 1800, 7200]
    job_id, store = end_job(result_ttl_s=24 * 3600), make_store()
    for delay in delays:
        before = time.time()
        attempt(store, job_id, BUSY)
        found = store.get(job_id)
        assert found.state == "pending"
        assert delay - 0.1 <= found.next_attempt_at.timestamp() - before <= delay * 1.2 + 5
        assert store.hand_over() == []
        assert store.replay(job_id)  # due at once; the place in the schedule stays
    assert len(store.get(job_id).attempts) == len(delays)


def test_no_attempt_is_planned_past_the_result(make_store, end_job):
    store = make_store(webhook_retries_s="60")
    job_id = end_job(result_ttl_s=30)
    attempt(store, job_id, BUSY)
    assert store.get(job_id).state == "dead"


def test_an_answer_that_asks_for_no_more_is_dead_at_once(end_job, store):
    job_id = end_job()
    attempt(store, job_id, AttemptResult("dead", "up", 410, None, 0.1))
    assert store.get(job_id).state == "dead"


def test_a_lost_message_is_handed_over_again_and_is_no_attempt(make_store, end_job):
    store = make_store(**LOST_AT_ONCE)
    job_id = end_job()
    assert store.hand_over() == [job_id]
    time.sleep(0.002)
    assert store.release_expired() == [job_id]
    assert store.release_expired() == []
    assert store.hand_over() == [job_id]
    assert store.claim(job_id).attempt == 1


def test_a_lost_message_keeps_its_place_and_the_time_that_it_was_due(make_store, end_job):
    store = make_store(**LOST_AT_ONCE)
    lost = end_job()
    due_at = store.get(lost).next_attempt_at
    assert store.hand_over() == [lost]
    later = end_job()
    assert store.release_expired() == [lost]
    assert store.get(lost).next_attempt_at == due_at
    assert store.hand_over() == [lost, later]


def test_a_message_is_not_lost_while_the_queue_before_it_may_time_out(make_store, end_job):
    store = make_store(requeue_after_s=0, webhook_timeout_s=15.0)
    end_job()
    store.hand_over()
    assert store.release_expired() == []


def test_what_is_pending_says_when_it_is_due_also_once_it_is_handed_over(end_job, store):
    job_id = end_job()
    waiting = store.get(job_id)
    assert waiting.next_attempt_at == waiting.created_at
    store.hand_over()
    assert store.get(job_id) == waiting
    store.claim(job_id)
    assert store.get(job_id).next_attempt_at is None


def test_an_attempt_whose_process_died_is_taken_back_and_made_again(make_store, end_job):
    store = make_store(webhook_timeout_s=-5.0, webhook_retries_s="0,0")
    job_id = end_job()
    store.hand_over()
    dead = store.claim(job_id)
    time.sleep(0.002)
    assert store.release_expired() == [job_id]
    assert not store.settle(dead, ARRIVED)
    assert store.get(job_id).attempts[0].error == "lost"
    assert store.hand_over() == [job_id]
    assert store.claim(job_id).attempt == 2


def test_two_sweepers_take_back_and_hand_over_once(make_store, end_job):
    one, two = make_store(**LOST_AT_ONCE), make_store(**LOST_AT_ONCE)
    ids = {end_job() for _ in range(3)}
    assert set(one.hand_over()) == ids
    time.sleep(0.002)
    assert set(one.release_expired() + two.release_expired()) == ids
    taken = one.hand_over(2) + two.hand_over(2)
    assert sorted(taken) == sorted(ids)


def test_a_purge_ends_the_delivery_and_an_attempt_under_way_plans_no_other(end_job, store, jobs, redis):
    waiting, under_way = end_job(), end_job()
    store.hand_over()
    claim = store.claim(under_way)
    for job_id in (waiting, under_way):
        assert jobs.purge(jobs.get(job_id))
        assert store.get(job_id) is None
        assert not store.replay(job_id)
    assert store.claim(waiting) is None
    assert store.settle(claim, BUSY)
    assert store.get(under_way) is None
    assert redis.zcard("kartu:webhooks:due") == 0
    assert store.of_owner("client", 10) == []


def test_a_purge_before_the_end_leaves_no_webhook(redis, settings, jobs, store):
    job_id = accept(redis, settings)
    claim = jobs.claim(job_id, "m")
    jobs.purge(jobs.get(job_id))
    assert not jobs.finish(claim, READ)
    assert store.hand_over() == []


def test_what_expired_is_not_sent_and_the_index_forgets_it(end_job, store, redis):
    job_id = end_job(result_ttl_s=1)
    time.sleep(1.1)
    assert store.hand_over() == []
    assert store.get(job_id) is None
    assert not store.replay(job_id)
    other = end_job()
    assert [each.id for each in store.of_owner("client", 10)] == [other]
    assert redis.zcard("kartu:webhooks:of:client") == 1


def test_the_list_of_a_key_has_only_its_own(end_job, store):
    mine, other = end_job(), end_job(owner="other")
    assert [each.id for each in store.of_owner("client", 10)] == [mine]
    assert [each.id for each in store.of_owner("other", 10)] == [other]


def test_the_newest_of_a_key_are_those_created_last_however_long_they_are_kept(end_job, store, monkeypatch):
    monkeypatch.setattr("shared.deliveries._PAGE", 2)
    ids = [end_job(result_ttl_s=ttl) for ttl in (4000, 3000, 1, 2000, 1000)]
    assert [each.id for each in store.of_owner("client", 2)] == [ids[4], ids[3]]
    time.sleep(1.1)
    # One that is gone takes nobody's place.
    assert [each.id for each in store.of_owner("client", 3)] == [ids[4], ids[3], ids[1]]
    assert [each.id for each in store.of_owner("client", 100)] == [ids[4], ids[3], ids[1], ids[0]]


def end_pause(redis) -> float:
    """Let the pause of the one receiver that failed be over; gives the seconds that it had left."""
    (key,) = [key for key in redis.keys("kartu:receiver:*") if redis.type(key) == b"hash"]
    left = int(redis.hget(key, "paused_until")) / 1000 - time.time()
    redis.hset(key, "paused_until", 0)
    redis.zadd("kartu:webhooks:parked", {key.rpartition(b":")[2]: 0})
    return left


class TestReceivers:
    """A receiver has a limit and, if it fails, a pause; others are not touched by either."""

    @pytest.fixture
    def end_for(self, end_job):
        return lambda host, **given: end_job(target=replace(TARGET, host=host), **given)

    def test_so_many_are_under_way_to_one_and_the_next_follows_each_that_ends(self, make_store, end_for):
        store = make_store(webhook_host_limit=2)
        ids = [end_for("a.example") for _ in range(5)]
        other = end_for("b.example")
        first = store.hand_over()
        assert first == [*ids[:2], other]
        assert store.hand_over() == []
        claims = [store.claim(job_id) for job_id in first]
        for number, claim in enumerate(claims[:2]):
            assert store.settle(claim, ARRIVED)
            assert store.hand_over() == [ids[2 + number]]

    def test_the_same_host_of_another_key_is_another_receiver(self, make_store, end_for):
        store = make_store(webhook_host_limit=1)
        ids = [end_for("a.example"), end_for("a.example", owner="other")]
        assert store.hand_over() == ids

    def test_failures_in_a_row_pause_it_and_one_goes_first_afterwards(self, make_store, end_for, redis):
        store = make_store(webhook_host_limit=3, webhook_host_failures=3, webhook_host_pause_s=100)
        ids = [end_for("a.example") for _ in range(6)]
        claims = [store.claim(job_id) for job_id in store.hand_over()]
        for claim in claims:
            store.settle(claim, TIMEOUT)
        good = end_for("b.example")
        assert store.hand_over() == [good]
        assert 50 < end_pause(redis) <= 100
        (probe,) = store.hand_over()
        assert probe == ids[3]
        assert store.hand_over() == []
        store.settle(store.claim(probe), TIMEOUT)
        assert store.hand_over() == []
        assert 150 < end_pause(redis) <= 200
        (probe,) = store.hand_over()
        store.settle(store.claim(probe), ARRIVED)
        assert store.hand_over() == [ids[5]]

    def test_an_answer_in_between_begins_the_count_anew(self, make_store, end_for):
        store = make_store(webhook_host_failures=2)
        for result in (TIMEOUT, AttemptResult("retry", "up", 404, None, 0.1), TIMEOUT):
            attempt(store, end_for("a.example"), result)
        assert len([end_for("a.example"), *store.hand_over()]) == 2

    def test_what_waits_for_a_place_is_not_lost_with_who_held_it(self, make_store, end_for, jobs, redis):
        store = make_store(webhook_host_limit=1, requeue_after_s=1.0, webhook_timeout_s=0.1)
        held, next_one = end_for("a.example"), end_for("a.example")
        assert store.hand_over() == [held]
        assert store.hand_over() == []
        jobs.purge(jobs.get(held))
        redis.delete(f"kartu:webhook:{held}")
        time.sleep(1.05)
        assert store.release_expired() == []
        # Looked at again after a minute in any case.
        redis.zadd("kartu:webhooks:parked", dict.fromkeys(redis.zrange("kartu:webhooks:parked", 0, -1), 0))
        assert store.hand_over() == [next_one]

    def test_no_more_is_queued_than_can_be_worked_off_soon(self, store, end_for, redis):
        for number in range(3):
            end_for(f"{number}.example")
        redis.rpush("webhooks", *["message"] * 63)
        assert len(store.hand_over()) == 1
        redis.rpush("webhooks", "message")
        assert store.hand_over() == []
        redis.delete("webhooks")
        assert len(store.hand_over()) == 2


class TestKeys:
    """All receivers of a key together have a limit, so that many of them take no more than few."""

    @pytest.fixture
    def end_for(self, end_job):
        return lambda host, **given: end_job(target=replace(TARGET, host=host), **given)

    def test_dead_receivers_of_one_key_more_than_threads_do_not_delay_another_key(self, store, end_job, end_for):
        dead = [end_for(f"{number}.example") for number in range(30)]
        dead += [end_job(target=replace(TARGET, port=number)) for number in range(1000, 1030)]
        good = end_for("0.example", owner="other")
        assert store.hand_over() == [*dead[:8], good]
        store.settle(store.claim(good), ARRIVED)
        claims = [store.claim(job_id) for job_id in dead[:8]]
        for round_no in range(3):
            for number, claim in enumerate(claims):
                assert store.settle(claim, TIMEOUT)
                later = end_for("0.example", owner="other")
                # In the order in which they were due, and whoever is not of this key goes at once.
                follower = dead[8 * (round_no + 1) + number]
                assert store.hand_over() == [follower, later]
                store.settle(store.claim(later), ARRIVED)
                claims[number] = store.claim(follower)

    def test_who_is_due_later_does_not_overtake_what_waits_for_a_place(self, make_store, end_for):
        store = make_store(webhook_key_limit=1)
        ids = [end_for(f"{number}.example") for number in range(3)]
        assert store.hand_over() == ids[:1]
        store.settle(store.claim(ids[0]), ARRIVED)
        late = end_for("late.example")
        handed = []
        for _ in range(3):
            (job_id,) = store.hand_over()
            store.settle(store.claim(job_id), ARRIVED)
            handed.append(job_id)
        assert handed == [*ids[1:], late]

    def test_a_receiver_that_is_not_ready_keeps_no_place_of_the_key(self, make_store, end_for, redis):
        store = make_store(webhook_key_limit=2, webhook_host_limit=1, webhook_host_failures=1)
        first, second = end_for("a.example"), end_for("b.example")
        of_a = [end_for("a.example") for _ in range(3)]
        of_c = end_for("c.example")
        assert store.hand_over() == [first, second]
        assert store.hand_over() == []
        store.settle(store.claim(first), TIMEOUT)
        assert store.hand_over() == [of_c]
        store.settle(store.claim(second), ARRIVED)
        assert store.hand_over() == []
        end_pause(redis)
        assert store.hand_over() == of_a[:1]
        store.settle(store.claim(of_a[0]), ARRIVED)
        assert store.hand_over() == of_a[1:2]

    def test_who_is_purged_while_queued_gives_back_its_place_with_its_message(self, make_store, end_for, jobs, redis):
        store = make_store(webhook_key_limit=2, webhook_host_limit=1)
        ids = [end_for("a.example"), end_for("b.example"), end_for("a.example"), end_for("c.example")]
        assert store.hand_over() == ids[:2]
        assert store.hand_over() == []
        for job_id in ids[:2]:
            jobs.purge(jobs.get(job_id))
        assert store.claim(ids[0]) is None
        assert store.hand_over() == [ids[2]]
        assert store.claim(ids[1]) is None
        assert store.hand_over() == [ids[3]]
        assert redis.zcard("kartu:webhooks:leases") == 2

    def test_a_purge_of_what_is_being_sent_keeps_its_place_until_it_is_over(self, make_store, end_for, jobs):
        store = make_store(webhook_key_limit=1)
        ids = [end_for("a.example"), end_for("b.example")]
        assert store.hand_over() == ids[:1]
        claim = store.claim(ids[0])
        jobs.purge(jobs.get(ids[0]))
        assert store.claim(ids[0]) is None
        assert store.hand_over() == []
        store.settle(claim, ARRIVED)
        assert store.hand_over() == ids[1:]


def test_nothing_of_a_webhook_is_plain_in_redis(redis, end_job, store):
    job_id = end_job()
    attempt(store, job_id, TIMEOUT)
    stored = everything(redis)
    assert job_id.encode() in stored
    for canary in (b"CANARY", b"hooks.example.com", b"BUDI"):
        assert canary not in stored


@pytest.mark.parametrize("text", ["soon", "5,-1", "inf", "nan"])
def test_a_schedule_that_is_none_is_said(text):
    with pytest.raises(InvalidSettingError, match="KARTU_WEBHOOK_RETRIES_S"):
        read_delays(text)
