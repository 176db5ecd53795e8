"""An id proves that it was given, and to whom."""

import base64
import os
import uuid

from shared.job_ids import JobIds

KEY, OTHER = os.urandom(32), os.urandom(32)


def test_an_id_is_a_uuid_of_version_8_and_each_is_another():
    ids = JobIds([KEY])
    made = [ids.new("client", "job") for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {uuid.UUID(each).version for each in made} == {8}
    assert {uuid.UUID(each).variant for each in made} == {uuid.RFC_4122}


def test_only_the_owner_was_given_it():
    ids = JobIds([KEY])
    job_id = ids.new("client", "job")
    assert ids.was_given(job_id, "client", "job")
    assert ids.was_given(job_id.upper(), "client", "job")
    assert not ids.was_given(job_id, "somebody-else", "job")
    assert not ids.was_given(job_id, "client", "batch")
    assert not JobIds([OTHER]).was_given(job_id, "client", "job")


def test_what_was_never_given_is_unknown():
    ids = JobIds([KEY])
    job_id = uuid.UUID(ids.new("client", "job"))
    assert not any(ids.was_given(str(uuid.UUID(int=job_id.int ^ 1 << bit)), "client", "job") for bit in range(128))
    assert not ids.was_given(str(uuid.uuid4()), "client", "job")
    assert not ids.was_given("not an id", "client", "job")


def test_ids_of_a_key_before_a_rotation_are_known():
    assert JobIds([OTHER, KEY]).was_given(JobIds([KEY]).new("client", "job"), "client", "job")


def test_ids_do_not_tell_the_key():
    assert KEY.hex() not in JobIds([KEY]).new("client", "job")
    assert base64.b64encode(KEY).decode() not in repr(JobIds([KEY]))
