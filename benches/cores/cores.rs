//! Time of the sans-I/O cores, each beside its plain twin where it has one. `make bench-cores`.
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use websockets::proto::http::h1::RequestReader;
use websockets::proto::http::h2::fields::FieldList;
use websockets::proto::http::h2::hpack::decoder::Decoder;
use websockets::proto::http::h2::hpack::encoder::Encoder;
use websockets::proto::http::headers::Limits;
use websockets::proto::ws::Side;
use websockets::proto::ws::deflate::DeflateParams;
use websockets::proto::ws::frame::{FrameKind, Opcode, append_frame};
use websockets::proto::ws::handshake::accept_value;
use websockets::proto::ws::mask;
use websockets::proto::ws::message::{ReceiveRules, Received, Receiver};
use websockets::proto::ws::utf8::Utf8Validator;

const KEY: [u8; 4] = [0x11, 0x22, 0x33, 0x44];

/// Masking byte by byte, as RFC 6455 §5.3 writes it.
fn plain_mask(bytes: &mut [u8], key: [u8; 4]) {
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte ^= key[at % 4];
    }
}

fn masking(c: &mut Criterion) {
    for size in [16, 1024, 65536] {
        let mut group = c.benchmark_group(format!("mask {size} bytes"));
        group.throughput(Throughput::Bytes(size as u64));
        let mut bytes = vec![0x5a; size];
        group.bench_function("ours", |b| b.iter(|| mask::apply(black_box(&mut bytes), KEY, 0)));
        group.bench_function("plain", |b| b.iter(|| plain_mask(black_box(&mut bytes), KEY)));
    }
}

fn frames(c: &mut Criterion) {
    let rules = ReceiveRules { side: Side::Server, validate_utf8: true, rsv1_allowed: false };
    for (count, size) in [(64, 16), (16, 1024), (1, 65536)] {
        let mut wire = Vec::new();
        for _ in 0..count {
            append_frame(&mut wire, FrameKind::whole(Opcode::Text), &vec![b'x'; size], Some(KEY));
        }
        let mut group = c.benchmark_group(format!("receive {count} frames of {size} bytes"));
        group.throughput(Throughput::Bytes(wire.len() as u64));
        group.bench_function("ours", |b| {
            b.iter_batched_ref(
                || (Receiver::new(), wire.clone()),
                |(receiver, wire)| {
                    let (mut position, mut messages) = (0, 0);
                    while let Received::Data { .. } = receiver.next(rules, wire, &mut position, 1 << 20, false) {
                        messages += 1;
                    }
                    assert_eq!(messages, count);
                },
                BatchSize::SmallInput,
            );
        });
    }
    let payload = [b'x'; 16];
    let mut out = Vec::with_capacity(4096);
    c.bench_function("append a frame of 16 bytes", |b| {
        b.iter(|| {
            out.clear();
            append_frame(&mut out, FrameKind::whole(Opcode::Binary), black_box(&payload), None);
        });
    });
}

fn utf8(c: &mut Criterion) {
    let text = "Grüße, Jürgen ✓ ".repeat(256);
    let mut group = c.benchmark_group("check text of 5 KiB");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("ours", |b| {
        b.iter(|| {
            let mut validator = Utf8Validator::new();
            assert!(validator.feed(black_box(text.as_bytes())));
        });
    });
    group.bench_function("plain", |b| b.iter(|| assert!(std::str::from_utf8(black_box(text.as_bytes())).is_ok())));
}

fn deflate(c: &mut Criterion) {
    let message = br#"{"kind":"position","x":17,"y":4,"name":"someone","colour":"green"}"#.repeat(16);
    let params = DeflateParams { client_no_context_takeover: true, ..DeflateParams::default() };
    let mut compressed = Vec::new();
    params.deflater(Side::Client, None).compress_message_piece(&message, true, &mut compressed).unwrap();
    c.bench_function("compress a message of 1 KiB", |b| {
        let mut deflater = params.deflater(Side::Server, None);
        let mut out = Vec::new();
        b.iter(|| {
            out.clear();
            deflater.compress_message_piece(black_box(&message), true, &mut out).unwrap();
        });
    });
    c.bench_function("inflate a message of 1 KiB", |b| {
        let mut inflater = params.inflater(Side::Server);
        let mut out = vec![0; 4096];
        b.iter(|| {
            let mut consumed = 0;
            let step = inflater.inflate(black_box(&compressed), &mut consumed, true, &mut out).unwrap();
            assert_eq!(step.produced, message.len());
        });
    });
}

fn handshake(c: &mut Criterion) {
    let request = b"GET /chat?room=1 HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\nSec-WebSocket-Protocol: chat\r\n\
        Sec-WebSocket-Version: 13\r\nUser-Agent: bench\r\n\r\n";
    c.bench_function("read the head of an upgrade request", |b| {
        b.iter(|| RequestReader::new(Limits::default()).push(black_box(request)).is_ok());
    });
    c.bench_function("Sec-WebSocket-Accept", |b| b.iter(|| accept_value(black_box(b"dGhlIHNhbXBsZSBub25jZQ=="))));
}

fn hpack(c: &mut Criterion) {
    let fields: [(&[u8], &[u8]); 6] = [
        (b":method", b"GET"),
        (b":scheme", b"https"),
        (b":path", b"/index.html?a=1"),
        (b":authority", b"server.example.com"),
        (b"user-agent", b"bench/1.0"),
        (b"accept", b"*/*"),
    ];
    let mut encoder = Encoder::new();
    let mut block = Vec::new();
    encoder.begin(&mut block);
    for (name, value) in fields {
        encoder.field(name, value, &mut block);
    }
    c.bench_function("decode six fields of http/2", |b| {
        b.iter_batched_ref(
            || (Decoder::new(4096), FieldList::new(16 * 1024)),
            |(decoder, list)| assert!(decoder.decode(black_box(&block), list).is_ok()),
            BatchSize::SmallInput,
        );
    });
}

criterion_group!(cores, masking, frames, utf8, deflate, handshake, hpack);
criterion_main!(cores);
