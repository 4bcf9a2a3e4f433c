#!/usr/bin/python3
"""OpenStack Swift with its S3 door (s3api), whole and in one process: for tests.

    swift.py DIRECTORY ACCESS_KEY SECRET_KEY

Says the address of the S3 door on the first line and serves until standard input ends. It is Debian's python3-swift: the proxy and the account, container and
object servers that run in production, with one copy of everything instead of three, and without the daemons that repair and replicate.
"""
import eventlet
import eventlet.tpool

eventlet.monkey_patch()

import os
import sys
from array import array

from eventlet import wsgi
from swift.common import utils
from swift.common.http_protocol import SwiftHttpProtocol
from swift.common.ring import RingData
from swift.common.storage_policy import StoragePolicy, StoragePolicyCollection
from swift.common import storage_policy
from swift.account.server import AccountController
from swift.container.server import ContainerController
from swift.obj.server import ObjectController
from swift.common.middleware.s3api.s3request import S3Request
from swift.common.wsgi import loadapp

refuse_what_is_not_known = S3Request._validate_headers


def know_conditional_puts(self):
    """This version's S3 door answers 501 to every PUT with a condition, while the servers behind it know If-None-Match: *. So the door is told to let it through, signed."""
    condition = self.headers.pop("If-None-Match", None)
    try:
        refuse_what_is_not_known(self)
    finally:
        if condition is not None:
            self.headers["If-None-Match"] = condition


S3Request._validate_headers = know_conditional_puts
root, access_key, secret_key = sys.argv[1:]
account, user = access_key.split(":")
devices = os.path.join(root, "devices")
os.makedirs(os.path.join(devices, "device", "tmp"), exist_ok=True)

with open(os.path.join(root, "swift.conf"), "w") as file:
    file.write("[swift-hash]\nswift_hash_path_suffix = mimu\n[swift-constraints]\nmax_file_size = 5368709122\n")
utils.SWIFT_CONF_FILE = os.path.join(root, "swift.conf")
utils.HASH_PATH_SUFFIX, utils.HASH_PATH_PREFIX = b"mimu", b""


class Quiet:
    def write(self, text):
        if os.environ.get("SWIFT_TEST_LOG"):
            sys.stderr.write(text)

    def flush(self):
        pass


storage_policy._POLICIES = StoragePolicyCollection([StoragePolicy(0, "one", is_default=True)])
conf = {"devices": devices, "swift_dir": root, "mount_check": "false", "bind_ip": "127.0.0.1", "log_name": "swift", "log_address": "/nonexistent", "fallocate_reserve": "0"}


class Memory:
    """What memcached does, for one process."""

    def __init__(self):
        self.values = {}

    def get(self, key, *_, **__):
        return self.values.get(key)

    def set(self, key, value, *_, **__):
        self.values[key] = value

    def delete(self, key, *_, **__):
        self.values.pop(key, None)

    def incr(self, key, delta=1, *_, **__):
        self.values[key] = self.values.get(key, 0) + delta
        return self.values[key]


def with_memory(app):
    memory = Memory()

    def call(env, start_response):
        env["swift.cache"] = memory
        return app(env, start_response)

    return call


def listen():
    return eventlet.listen(("127.0.0.1", 0))


servers = {"account": (listen(), AccountController), "container": (listen(), ContainerController), "object": (listen(), ObjectController)}
for name, (socket, _) in servers.items():
    place = {"id": 0, "zone": 0, "region": 1, "weight": 1.0, "ip": "127.0.0.1", "port": socket.getsockname()[1], "device": "device",
             "replication_ip": "127.0.0.1", "replication_port": socket.getsockname()[1]}
    RingData([array("H", [0] * 2)], [place], 31).save(os.path.join(root, name + ".ring.gz"))

with open(os.path.join(root, "proxy-server.conf"), "w") as file:
    file.write(f"""[DEFAULT]
swift_dir = {root}
log_address = /nonexistent
[pipeline:main]
pipeline = catch_errors s3api tempauth copy proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
dns_compliant_bucket_names = true
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret_key} .admin
[filter:copy]
use = egg:swift#copy
""")


for socket, controller in servers.values():
    eventlet.spawn(wsgi.server, socket, controller(dict(conf)), Quiet(), protocol=SwiftHttpProtocol)
door = listen()
eventlet.spawn(wsgi.server, door, with_memory(loadapp(os.path.join(root, "proxy-server.conf"))), Quiet(), protocol=SwiftHttpProtocol)
print(f"http://127.0.0.1:{door.getsockname()[1]}", flush=True)

eventlet.tpool.execute(sys.stdin.read)
