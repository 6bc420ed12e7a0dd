#!/usr/bin/env python3
"""nginx as a reverse proxy in front of the example servers: http with kept connections, and websockets.

    nginx.py REST-SERVER-PORT ECHO-SERVER-PORT

Exit status 77 without nginx.
"""
import asyncio
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import websockets

CONFIG = """
daemon off;
pid {folder}/pid;
error_log {folder}/errors warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream rest {{ server 127.0.0.1:{rest}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://rest;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
        location /ws {{
            proxy_pass http://127.0.0.1:{echo}/;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
        }}
    }}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(port):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            return socket.create_connection(("127.0.0.1", port), 5).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise SystemExit("nginx does not listen")


async def websocket(port):
    async with websockets.connect("ws://127.0.0.1:%d/ws" % port, max_size=None) as connection:
        for message in ("through nginx", b"\x00\x01" * 40000):
            await connection.send(message)
            print("websocket", type(message).__name__, await connection.recv() == message)
        await connection.close(4002, "bye")
        print("close code", connection.close_code)


def main():
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not nginx:
        print("nginx is not installed")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        port = free_port()
        with open(folder + "/conf", "w", encoding="ascii") as file:
            file.write(CONFIG.format(folder=folder, port=port, rest=sys.argv[1], echo=sys.argv[2]))
        process = subprocess.Popen([nginx, "-p", folder, "-c", folder + "/conf", "-e", folder + "/errors"])
        try:
            wait_for(port)
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

            def show(method, path, body=None):
                connection.request(method, path, body)
                reply = connection.getresponse()
                print(method, path, reply.status, reply.read().decode())

            show("POST", "/notes", "through nginx")
            for _ in range(5):
                show("GET", "/notes/1")
            show("PUT", "/notes/1", "y" * 900)
            show("GET", "/notes")
            show("POST", "/notes", "z" * 5000)
            show("DELETE", "/notes/1")
            show("GET", "/none")
            connection.close()
            asyncio.run(websocket(port))
        finally:
            process.terminate()
            process.wait(10)
        with open(folder + "/errors", encoding="utf-8") as file:
            print("nginx complains:", file.read() or "no")
    return 0


sys.exit(main())
