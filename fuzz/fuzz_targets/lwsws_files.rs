#![no_main]
//! Configuration files of lwsws: nothing panics, and what was read is fit for C.
use libfuzzer_sys::fuzz_target;
use websockets::proto::lwsws::{Note, globals, vhosts};

fn check(text: &[u8], note: &Note) {
    assert!(note.at.line >= 1 && note.at.column >= 1);
    assert!(note.at.line <= text.iter().filter(|byte| **byte == b'\n').count() + 1);
    assert!(!note.text.contains('\0'));
}

fuzz_target!(|data: &[u8]| {
    let read = globals::read(data);
    read.notes.iter().chain(&read.problem).for_each(|note| check(data, note));
    let own = &read.read;
    for text in [&own.user_name, &own.group_name, &own.server_string, &own.default_alpn].into_iter().flatten() {
        assert!(!text.contains(&0));
    }
    let read = vhosts::read(data, b"/usr/share");
    read.notes.iter().chain(&read.problem).for_each(|note| check(data, note));
    for vhost in &read.read {
        assert!(vhost.port != 0 || vhost.unix_socket);
        let pairs = vhost.protocols.iter().flat_map(|protocol| &protocol.options).chain(&vhost.headers);
        assert!(pairs.into_iter().all(|(name, value)| !name.contains(&0) && !value.contains(&0)));
        for mount in &vhost.mounts {
            assert!(mount.mountpoint.len() <= 255);
            assert!(!mount.mountpoint.contains(&0) && !mount.origin.contains(&0));
        }
    }
});
