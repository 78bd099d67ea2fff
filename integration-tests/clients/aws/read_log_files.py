"""Reads what a DB instance's log files are by botocore, AWS's own client: its own description of RDS, its
own parser. Prints them as JSON."""

import json
import sys

import botocore.session

url, region, instance, name_contains = sys.argv[1:]
session = botocore.session.get_session()
rds = session.create_client(
    "rds",
    region_name=region,
    endpoint_url=url,
    aws_access_key_id="AKIATEST",
    aws_secret_access_key="test",
)

pages = rds.get_paginator("describe_db_log_files").paginate(
    DBInstanceIdentifier=instance, FilenameContains=name_contains
)
files = [file for page in pages for file in page["DescribeDBLogFiles"]]
for file in files:
    marker, text = "0", ""
    while True:
        portion = rds.download_db_log_file_portion(
            DBInstanceIdentifier=instance,
            LogFileName=file["LogFileName"],
            Marker=marker,
            NumberOfLines=1000,
        )
        text += portion["LogFileData"]
        marker = portion["Marker"]
        if not portion["AdditionalDataPending"]:
            break
    file["text"], file["marker"] = text, marker

try:
    rds.download_db_log_file_portion(
        DBInstanceIdentifier=instance, LogFileName="no-such-file", Marker="0"
    )
except rds.exceptions.DBLogFileNotFoundFault as error:
    refused = error.response["Error"]["Code"]

json.dump({"files": files, "refused": refused}, sys.stdout)
