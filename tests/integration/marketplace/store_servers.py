"""Servers for the tests of the marketplace: each on a free port of the loopback interface, with a folder of its own."""

import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

READY_SECONDS_MAX = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server that can be killed and started again on what it has written. It ends with the test."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.process = None
        self.log = open(self.folder / "server.log", "ab")

    def start(self):
        """Starts it and waits until it answers."""
        self.process = subprocess.Popen(
            self.command(),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **self.as_whom(),
        )
        end = time.monotonic() + READY_SECONDS_MAX
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                text = (self.folder / "server.log").read_text(errors="replace")
                raise RuntimeError(f"{self.command()[0]} does not answer:\n{text[-2000:]}")
            time.sleep(0.02)

    def kill(self):
        """Ends it as SIGKILL does, with all that it has started."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process = None

    def close(self):
        self.kill()
        self.log.close()

    def as_whom(self):
        return {}


class RedisServer(Server):
    """Redis with an append-only file; `appendfsync` is what the durability of a commit depends on."""

    def __init__(self, folder, appendfsync="always"):
        super().__init__(folder)
        self.appendfsync = appendfsync

    def command(self):
        program = shutil.which("redis-server")
        if program is None:
            raise RuntimeError("redis-server is missing; cmake/install_packages.sh test installs it")
        settings = {"port": self.port, "bind": "127.0.0.1", "dir": self.folder, "save": "", "appendonly": "yes"}
        settings["appendfsync"] = self.appendfsync
        return [program] + [word for name, value in settings.items() for word in (f"--{name}", str(value))]

    def is_ready(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(100).startswith(b"+PONG")
        except OSError:
            return False

    def store(self, name):
        return f"redis://127.0.0.1:{self.port}/0?prefix={name}"


class PostgresServer(Server):
    """PostgreSQL with its defaults for durability. As root it runs as the system user postgres, as it demands."""

    def __init__(self, folder):
        super().__init__(folder)
        self.data = self.folder / "data"
        self.data.mkdir()
        if os.geteuid() == 0:
            self.folder.chmod(0o711)
            shutil.chown(self.data, "postgres")
        command = [self.program("initdb"), "-D", self.data, "-U", "postgres", "-E", "UTF8", "--locale=C", "--auth=trust"]
        subprocess.run(command + ["--no-sync"], check=True, stdout=self.log, stderr=self.log, **self.as_whom())

    @staticmethod
    def program(name):
        found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}")) or [shutil.which(name)]
        if found[-1] is None:
            raise RuntimeError(f"{name} is missing; cmake/install_packages.sh test installs PostgreSQL")
        return found[-1]

    def as_whom(self):
        if os.geteuid() != 0:
            return {}
        user = pwd.getpwnam("postgres")
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}

    def command(self):
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [self.program("postgres"), "-D", str(self.data)] + words

    def start(self):
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        super().start()

    def is_ready(self):
        command = [self.program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0

    def store(self, name):
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres?troupe_schema={name}"


SERVERS = {"redis": RedisServer, "postgresql": PostgresServer}
