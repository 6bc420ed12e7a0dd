"""What the two proxies share: accepting, and passing bytes both ways."""
import socket
import threading


def relay(client, server):
    """Passes bytes in both directions until both have ended, then closes both."""
    client.settimeout(None)
    server.settimeout(None)
    back = threading.Thread(target=_pump, args=(server, client), daemon=True)
    back.start()
    _pump(client, server)
    back.join(5)
    client.close()
    server.close()


def _pump(source, sink):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            sink.sendall(data)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve_forever(handler):
    """Listens on a port of the system's choice, prints READY, one thread per client."""
    listener = socket.create_server(("127.0.0.1", 0))
    print("READY", listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        client.settimeout(8)
        threading.Thread(target=handler, args=(client,), daemon=True).start()
