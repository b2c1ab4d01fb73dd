"""tee.py LOG COMMAND…: runs a server on standard input and output, and writes every line of both directions to LOG."""
import json
import subprocess
import sys
import threading

log = open(sys.argv[1], "a", encoding="utf-8")
lock = threading.Lock()
server = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def relay(source, target, name):
    for line in source:
        with lock:
            log.write(json.dumps({"from": name, "line": line.decode("utf-8").rstrip("\n")}) + "\n")
            log.flush()
        target.write(line)
        target.flush()
    target.close()


back = threading.Thread(target=relay, args=(server.stdout, sys.stdout.buffer, "server"))
back.start()
relay(sys.stdin.buffer, server.stdin, "client")
back.join()
sys.exit(server.wait())
