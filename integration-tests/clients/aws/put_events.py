"""Puts a log into CloudWatch Logs as RDS exports it: an event for every entry. Reads JSON: the group, and
for each stream its events as pairs of milliseconds and text."""

import json
import sys

import botocore.session

url, region = sys.argv[1:]
order = json.load(sys.stdin)
logs = botocore.session.get_session().create_client(
    "logs",
    region_name=region,
    endpoint_url=url,
    aws_access_key_id="AKIATEST",
    aws_secret_access_key="test",
)
# Bytes of a batch, and events: the limits of PutLogEvents, with room.
MOST_BYTES, MOST_EVENTS, OVERHEAD = 900_000, 5_000, 26

logs.create_log_group(logGroupName=order["group"])
for stream, events in order["streams"].items():
    logs.create_log_stream(logGroupName=order["group"], logStreamName=stream)
    batch, size = [], 0
    for number, (time, text) in enumerate(events):
        batch.append({"timestamp": time, "message": text})
        size += len(text.encode()) + OVERHEAD
        last = number + 1 == len(events)
        if last or size > MOST_BYTES or len(batch) == MOST_EVENTS:
            logs.put_log_events(
                logGroupName=order["group"], logStreamName=stream, logEvents=batch
            )
            batch, size = [], 0
