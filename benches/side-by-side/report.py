#!/usr/bin/env python3
"""Measures every load of compare.py, latency and growth, and writes docs/performance.md with its plots.

report.py [--rounds N] [--secs S] --out DOCS_DIR NAME=INCLUDE_DIR:LIB_DIR ...

The first library is the one the others are compared with, the last one is ours. Exit status 0 also where a load gave no
figure: the page says so there.
"""
import argparse, datetime, html, json, os, platform, re, resource, signal, socket, subprocess, sys, tempfile, time
sys.dont_write_bytecode = True
import compare
from compare import Failed, field, median, ratio

NAMES = {
    "pingpong-16B-x50": "server, 50 connections, 16 bytes ping-pong",
    "pipelined-16B-x50x16": "server, 50 connections, 16 messages of 16 bytes in flight",
    "quiet8000+20": "server, 20 busy connections among 8000 quiet ones",
    "16KiB-x50x4": "server, 50 connections, 4 messages of 16 KiB in flight",
    "1MiB-x10": "server, 10 connections, messages of 1 MiB",
    "connect": "server: connect, upgrade, one echo, close",
    "client-16B-x50": "client, 50 connections, 16 bytes ping-pong",
    "client-16B-x50x16": "client, 50 connections, 16 messages of 16 bytes in flight",
    "client-16KiB-x50x4": "client, 50 connections, 4 messages of 16 KiB in flight",
    "client-1MiB-x4": "client, 4 connections, messages of 1 MiB",
    "tls-server-16B-x50": "TLS server, 50 connections, 16 bytes ping-pong",
    "tls-server-16KiB-x20x4": "TLS server, 20 connections, 4 messages of 16 KiB in flight",
    "tls-connect": "TLS server: connect, full handshake, one echo, close",
    compare.IDLE: "idle connection, bytes",
    compare.TLS_IDLE: "idle TLS connection, bytes",
}
LOOPS = ["builtin", "uv", "ev", "glib", "event", "sd"]
GROWTH = {"suls": (100, 1000, 10000), "vhosts": (10, 1000, 10000), "broadcast": (50, 500, 5000)}
CONNECTIONS = (0, 1000, 4000, 8000, 15000)
GROWTH_NAMES = {
    "suls": "a timer set and run, CPU ns, with so many of them",
    "vhosts": "a vhost found by name, CPU ns, among so many",
    "broadcast": "a message of a broadcast, CPU ns, to so many connections",
    "connections": "a message of 16 bytes, CPU ns, beside so many quiet connections",
}
COLOURS = {"raw": "#9aa3ad", 0: "#d08a3c", 1: "#2f7d5b"}


class More(compare.Bench):
    """compare.Bench with the loads that this page adds."""

    def build(self):
        super().build()
        for spec in self.a.libs:
            name, _, rest = spec.partition("=")
            include, _, lib = rest.partition(":")
            own = f"{self.d}/lib-{name}"
            so = sorted(f for f in os.listdir(lib) if re.fullmatch(r"libwebsockets\.so(\.\d+)?", f))[-1]
            # Event libraries are looked for beside the library.
            for name_of in os.listdir(lib):
                if name_of.startswith("libwebsockets-evlib_"):
                    os.symlink(f"{os.path.abspath(lib)}/{name_of}", f"{own}/{name_of}")
            for program in ("lws_latency", "lws_growth"):
                self.gcc(f"{program}-{name}", f"{program}.c", f"-I{include}", f"{lib}/{so}", f"-Wl,-rpath,{own}:{lib}",
                         "-Wl,--allow-shlib-undefined")

    def free_port(self):
        self.port += 1
        return str(self.port)

    def await_port(self, port):
        end = time.time() + 10
        while True:
            try:
                return socket.create_connection(("127.0.0.1", int(port)), 1).close()
            except OSError:
                if time.time() > end:
                    raise Failed("server did not start")
                time.sleep(0.05)

    def latency(self, name, loop):
        out = self.load([f"{self.d}/lws_latency-{name}", self.free_port(), "2", loop], 0)
        return field(out, "timer_p99_us"), field(out, "writeable_p99_us")

    def growth(self, name, what, count):
        command = [f"{self.d}/lws_growth-{name}", what, str(count)]
        if what != "broadcast":
            return field(self.load(command, 0), "ns_per"), 0.0
        port = self.free_port()
        with self.proc([*command, port], 0, stdout=subprocess.PIPE) as server:
            self.await_port(port)
            with self.proc([f"{self.d}/wsload", "-p", port, "-c", "1", "-q", str(count - 1), "-d", "30"], 1, stdout=subprocess.DEVNULL):
                return field(self.line(server, "growth", 60), "ns_per"), 0.0

    def beside(self, name, quiet):
        us, rate = self.ws_server([f"{self.d}/lws_echo-{name}", "PORT"], f"-c 20 -m 16 -k 1 -q {quiet}")
        return us * 1000, rate

    def run_more(self):
        self.more = {}

        def note(table, row, who, measure):
            try:
                value = measure()
            except Failed as error:
                value = (float("nan"), float("nan"))
                self.bad.append(f"{table} {row} {who}: {error}")
            self.more.setdefault(table, {}).setdefault(row, {}).setdefault(who, []).append(value)

        for _ in range(min(self.a.rounds, 3)):
            for name in self.libs:
                for loop in LOOPS:
                    note("latency", loop, name, lambda: self.latency(name, loop))
                for what, counts in GROWTH.items():
                    for count in counts:
                        note(what, count, name, lambda: self.growth(name, what, count))
                for quiet in CONNECTIONS:
                    note("connections", quiet, name, lambda: self.beside(name, quiet))


# ---- the page

def number(x):
    if x is None or x != x:
        return "-"
    return f"{x:.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}" if x >= 1 else f"{x:.3f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def bars(path, title, rows, who):
    """Horizontal bars, each load scaled to its largest value."""
    width, left, height = 900, 400, 16
    out, y = [], 40
    for label, values in rows:
        known = [v for v in values.values() if v and v == v]
        if not known:
            continue
        top = max(known)
        out.append(f'<text x="{left - 10}" y="{y + height * len(values) / 2 + 4:.0f}" text-anchor="end">{html.escape(label)}</text>')
        for name in who:
            v = values.get(name)
            if v and v == v:
                length = max(1.0, v / top * (width - left - 90))
                colour = COLOURS["raw"] if name == "raw" else COLOURS[0] if name != who[-1] else COLOURS[1]
                out.append(f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{height - 3}" fill="{colour}"/>')
                out.append(f'<text x="{left + length + 5:.1f}" y="{y + height - 5}" class="n">{number(v)} {html.escape(name)}</text>')
            y += height
        y += 10
    style = "text{font:13px sans-serif;fill:#222}.n{font-size:11px;fill:#444}.t{font-size:15px;font-weight:bold}"
    with open(path, "w") as f:
        f.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" role="img"><style>{style}</style>'
                f'<rect width="100%" height="100%" fill="#fff"/><text x="20" y="24" class="t">{html.escape(title)}</text>{"".join(out)}</svg>\n')


def machine():
    model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    memory = int(re.search(r"MemTotal:\s+(\d+)", open("/proc/meminfo").read()).group(1)) >> 20
    system = re.search(r'PRETTY_NAME="(.*)"', open("/etc/os-release").read())
    return (f"{os.cpu_count()} processors ({model.group(1).strip() if model else platform.machine()}), {memory} GiB of memory, "
            f"Linux {platform.release().split('-')[0]}, {system.group(1) if system else ''}; load before the run {os.getloadavg()[0]:.2f}")


def page(bench, load, before, args):
    theirs, ours = bench.libs[0], bench.libs[-1]
    who = ["raw", theirs, ours]
    os.makedirs(f"{args.out}/performance", exist_ok=True)
    figure = {l: {w: median(x for x, _ in v) for w, v in by.items()} for l, by in load.items()}
    rows, memory = [], []
    for name, values in figure.items():
        by = load[name]
        ratios = ratio(by.get(theirs), by[ours]), ratio(by[ours], by.get("raw"))
        cells = [NAMES[name], *(number(values.get(w)) for w in who), *map(number, ratios)]
        (memory if name in (compare.IDLE, compare.TLS_IDLE) else rows).append(cells)
    cpu = [(NAMES[l], v) for l, v in figure.items() if l not in (compare.IDLE, compare.TLS_IDLE)]
    bars(f"{args.out}/performance/cpu.svg", "CPU per message or connection, microseconds (each load to its own scale)", cpu, who)
    bars(f"{args.out}/performance/memory.svg", "Memory of an idle connection, bytes", [(NAMES[l], figure[l]) for l in (compare.IDLE, compare.TLS_IDLE) if l in figure], who)
    mid = {t: {r: {w: (median(x for x, _ in v), median(y for _, y in v)) for w, v in by.items()} for r, by in rows_.items()} for t, rows_ in bench.more.items()}
    latency = [[loop, *(number(mid["latency"][loop].get(w, (float("nan"),) * 2)[k]) for k in (0, 1) for w in (theirs, ours))] for loop in mid["latency"]]
    growth = [(t, r, v) for t in (*GROWTH, "connections") for r, v in mid[t].items()]
    bars(f"{args.out}/performance/growth.svg", "What grows: CPU nanoseconds", [(f"{t}, {r}", {w: x for w, (x, _) in v.items()}) for t, r, v in growth], [theirs, ours])
    text = f"""# Performance, measured

<!-- Written by benches/side-by-side/report.py (make bench); what changes by hand is in that file. -->

Both libraries run the same C programs (`benches/side-by-side`) under the same load, one after the other, in the same run. *{theirs}* is the
original ({before}). *Floor* is a bare epoll echo without any library: what the machine charges for the system calls, and a little more. The figures are CPU time
of the measured process, medians of {args.rounds} rounds of {args.secs} s; the ratios are medians of the ratios of each round. Taken on {datetime.date.today()} on

> {machine()}

Only ratios within one run mean something, and on a shared machine differences of 10 % are noise. Measure on your own:

<!-- not run: takes many minutes and an idle machine -->
```sh
make bench
```

## CPU per message or connection, microseconds

{table(["load", "floor", theirs, "oxlws", f"{theirs} / oxlws", "oxlws / floor"], rows)}

![CPU per message](performance/cpu.svg)

## Memory of an idle connection

{table(["", "floor", theirs, "oxlws", f"{theirs} / oxlws", "oxlws / floor"], memory)}

Growth of the process from 1000 to 8000 connections (TLS: from 100 to 500). Both include the session memory of the program, 16 bytes that malloc makes 32.

![Memory](performance/memory.svg)

## Latency, 99th percentile, microseconds

How late a timer of one millisecond is, and how long it takes from `lws_callback_on_writable()` to the callback, in the built-in loop and in those of event
libraries (`-`: the library was built without it, or the run failed).

A timer is as late as the machine wakes who sleeps. The built-in loop of the original does not sleep while a timer is near. On shared machines the figures of
both libraries change from run to run, between 0.1 and 20 ms, when the machine below is busy.

{table(["loop", f"timer, {theirs}", "timer, oxlws", f"writeable, {theirs}", "writeable, oxlws"], latency)}

## Growth

{table(["what", "number", theirs, "oxlws"], [[GROWTH_NAMES[t], str(r), *(number(v.get(w, (float("nan"),))[0]) for w in (theirs, ours))] for t, r, v in growth])}

![Growth](performance/growth.svg)

## Where it comes from

* All messages of a turn leave in one system call; readiness is remembered, so no call is made only to be refused.
* A connection is looked at only when it has something to do: quiet ones cost nothing per turn, and no table is sized by the limit of descriptors.
* A call about the connection whose callback is running finds it without any search or lock.
* Masking and the check for UTF-8 use vector units; payloads are unmasked where they lie; large ones leave straight from the program's buffer.
* A program that answers large messages may write while they still arrive, so what it queues stays short and in the cache.
* Memory that a connection needs only while it works is lent to it for that time.

One small message at a time costs two system calls in any library, which is most of it: there is little to gain there.

Instructions of fixed loads, which a noisy machine cannot change, are counted by `make instructions`; the cores alone are timed by `make bench-cores`.
"""
    if bench.bad:
        text += "\nNo figure in this run: " + "; ".join(bench.bad) + ".\n"
    with open(f"{args.out}/performance.md", "w") as f:
        f.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libs", nargs="+", metavar="NAME=INCLUDE_DIR:LIB_DIR")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--secs", type=float, default=1.5)
    parser.add_argument("--out", required=True)
    parser.add_argument("--original", default="Debian's package")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    args.json, args.extra = None, []
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="perf-") as folder:
        bench = More(args, folder)
        bench.build()
        bench.run()
        bench.run_more()
        bench.report()
        for name, rows in bench.more.items():
            for row, by in rows.items():
                print(f"{name} {row}", "  ".join(f"{w}={number(median(x for x, _ in v))}/{number(median(y for _, y in v))}" for w, v in by.items()))
        page(bench, bench.res, args.original, args)
        with open(f"{args.out}/performance/figures.json", "w") as f:
            clean = lambda x: x if x == x else None
            json.dump({"loads": {l: {w: clean(median(x for x, _ in v)) for w, v in by.items()} for l, by in bench.res.items()},
                       "more": {t: {str(r): {w: [clean(median(x for x, _ in v)), clean(median(y for _, y in v))] for w, v in by.items()}
                                    for r, by in rows.items()} for t, rows in bench.more.items()}}, f, indent=1)
            f.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
