"""Reads the test kit's stand-in for Cloud Storage with Google's own client, and holds its answers against
the descriptions Google publishes of its interfaces. Prints what it read as JSON."""

import json
import sys
import urllib.request
from pathlib import Path

import googleapiclient
from google.api_core.exceptions import Forbidden, NotFound, RequestRangeNotSatisfiable
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"


class Description:
    """A discovery document."""

    def __init__(self, name):
        self.schemas = json.loads((DOCUMENTS / name).read_text())["schemas"]

    def check(self, value, name):
        """Every field is one the document knows, and of the type it says."""
        self._check(value, {"$ref": name}, name)

    def _check(self, value, schema, path):
        if "$ref" in schema:
            schema = self.schemas[schema["$ref"]]
        kind = schema.get("type")
        if kind == "object":
            assert isinstance(value, dict), path
            properties = schema.get("properties", {})
            for key, inner in value.items():
                known = properties.get(key, schema.get("additionalProperties"))
                assert known is not None, f"{path}.{key} is not known"
                self._check(inner, known, f"{path}.{key}")
        elif kind == "array":
            assert isinstance(value, list), path
            for inner in value:
                self._check(inner, schema["items"], f"{path}[]")
        elif kind == "string":
            assert isinstance(value, str), path
            if schema.get("format") in ("int64", "uint64"):
                int(value)
            if "enum" in schema:
                assert value in schema["enum"], path
        elif kind == "integer":
            assert isinstance(value, int), path
        else:
            assert kind == "any", f"{path} is of type {kind}"


def refused(error, action):
    try:
        action()
    except error:
        return True
    return False


def main():
    endpoint, bucket, denied = sys.argv[1:]
    client = storage.Client(
        project="shop-prod",
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": endpoint},
    )
    blobs = list(client.list_blobs(bucket, page_size=3))
    described, logging = Description("storage.v1.json"), Description("logging.v2.json")
    token, pages = "", 0
    while token is not None:
        url = f"{endpoint}/storage/v1/b/{bucket}/o?maxResults=3&pageToken={token}"
        with urllib.request.urlopen(url) as answer:
            page = json.load(answer)
        described.check(page, "Objects")
        token, pages = page.get("nextPageToken"), pages + 1
    entries = 0
    for blob in blobs:
        whole = blob.download_as_bytes(checksum="crc32c")
        assert len(whole) == blob.size
        assert blob.download_as_bytes(start=5, end=9, checksum=None) == whole[5:10]
        assert blob.download_as_bytes(start=blob.size - 3, checksum=None) == whole[-3:]
        for line in whole.splitlines():
            logging.check(json.loads(line), "LogEntry")
            entries += 1
    last = blobs[-1]
    print(
        json.dumps(
            {
                "objects": [[blob.name, blob.generation, blob.size] for blob in blobs],
                "pages": pages,
                "entries": entries,
                "behind_the_end": refused(
                    RequestRangeNotSatisfiable,
                    lambda: last.download_as_bytes(start=last.size, checksum=None),
                ),
                "denied": refused(Forbidden, lambda: list(client.list_blobs(denied))),
                "no_bucket": refused(NotFound, lambda: list(client.list_blobs("nowhere"))),
                "no_object": refused(
                    NotFound, lambda: client.bucket(bucket).blob("nothing").download_as_bytes()
                ),
            }
        )
    )


main()
